import type { Socket as Stream } from 'node:net';

/** Time for the other end to hang up too, as for the closing handshake of `@swarm/ws`. */
const HANG_UP_TIMEOUT_MS = 2_000;

/**
 * Say the last words, and end the connection when the other end does, or when it takes too long.
 * What comes meanwhile is read: bytes left unread would reset the connection, and a reset takes
 * our last words with it.
 */
export function hangUp(stream: Stream, lastWords?: Buffer): void {
  if (stream.destroyed) return;
  if (lastWords === undefined) stream.end();
  else stream.end(lastWords);
  stream.resume();
  const timer = setTimeout(() => stream.destroy(), HANG_UP_TIMEOUT_MS);
  stream.once('close', () => clearTimeout(timer));
}
