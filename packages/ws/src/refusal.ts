import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answer an upgrade that was refused, and end its connection. */
export function writeRefusal(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`;
  socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
