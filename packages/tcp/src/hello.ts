import type { Socket as Stream } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { LIMITS } from '@swarm/core';
import { decodeText, FRAME, frameOf } from './frame.ts';

/**
 * Who wants to come in. The names are those of `IncomingMessage`, so that one `accept` can serve
 * WebSockets too.
 */
export interface Hello extends Introduction {
  /**
   * What it came by: its `remoteAddress`, and with TLS its certificate. Not to be read, written or
   * closed.
   */
  readonly socket: Stream | TLSSocket;
}

/** What a client says of itself. */
export interface Introduction {
  /** What it speaks. */
  readonly dialect: string;
  /** Path and query of the URL it connects to; `/` when there is none. */
  readonly url: string;
  /** What it sends along, such as a token; names are in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** @throws TypeError when it is over `helloBytesMax`. */
export function helloFrame({ dialect, url, headers }: Introduction): Buffer {
  const text = JSON.stringify({ dialect, url, headers });
  if (Buffer.byteLength(text) > LIMITS.helloBytesMax) {
    throw new TypeError(`URL and headers are over ${LIMITS.helloBytesMax} bytes`);
  }
  return frameOf(FRAME.hello, text);
}

/** Null when it is none. */
export function readHello(payload: Buffer): Introduction | null {
  const value = fromJson(decodeText(payload));
  if (!isRecord(value)) return null;
  const { dialect, url = '/', headers: sent = {} } = value;
  if (typeof dialect !== 'string' || typeof url !== 'string' || !isRecord(sent)) return null;
  const headers: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(sent)) {
    if (typeof text !== 'string') return null;
    headers[name.toLowerCase()] = text;
  }
  return { dialect, url, headers };
}

function fromJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
