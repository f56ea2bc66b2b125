import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** The decision not to let a client in. */
export interface Refusal {
  readonly refused: true;
  readonly status: number;
}

/**
 * What `accept` returns, or throws, to keep a client out. A client of ours takes 401 and 403 as
 * final, and comes back after any other status.
 *
 * @throws TypeError for a status that is no HTTP error.
 */
export function refuse(status: 401 | 403 | number): Refusal {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new TypeError(`not an HTTP error: ${status}`);
  }
  return { refused: true, status };
}

export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === 'object' && value !== null && 'refused' in value && value.refused === true
  );
}

/** Answer an upgrade that was refused, and end its connection. */
export function writeRefusal(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`;
  socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
