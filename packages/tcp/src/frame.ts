import { isUtf8 } from 'node:buffer';
import { END_LIMITS, isCloseCode } from '@swarm/core';

/**
 * Frames on the wire: the length of what follows (four bytes, big-endian, at least 1), a byte
 * that says what the frame is for, and its payload.
 */

/** What a frame is for. Numbers are append only. */
export const FRAME = {
  /** The client's first: JSON, see {@link Hello}. */
  hello: 1,
  /** The server's first: the client is in. */
  welcome: 2,
  /** Or it is not: an HTTP status in two bytes. */
  refused: 3,
  /** A message. */
  text: 4,
  bytes: 5,
  ping: 6,
  pong: 7,
  /** The last: a code in two bytes, and a reason. */
  close: 8,
} as const;

/** Bytes before the payload. */
const HEAD_BYTES = 5;
/** Payloads up to here are copied behind their head: less work than a write of two parts. */
const COPIED_BYTES_MAX = 4_096;
const { reasonBytesMax: REASON_BYTES_MAX } = END_LIMITS;

export const WELCOME: Buffer = frameOf(FRAME.welcome, '');
export const PING: Buffer = frameOf(FRAME.ping, '');
export const PONG: Buffer = frameOf(FRAME.pong, '');

/** A frame whose payload is text. */
export function frameOf(type: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = newFrame(type, length, length);
  frame.write(text, HEAD_BYTES);
  return frame;
}

/** A message of bytes, in the one or two parts that are the least to copy. */
export function bytesFrame(bytes: Uint8Array): readonly Uint8Array[] {
  const { length } = bytes;
  if (length > COPIED_BYTES_MAX) return [newFrame(FRAME.bytes, length, 0), bytes];
  const frame = newFrame(FRAME.bytes, length, length);
  frame.set(bytes, HEAD_BYTES);
  return [frame];
}

export function refusedFrame(status: number): Buffer {
  return numbered(FRAME.refused, status, '');
}

/** The status of a refusal, or null when it has none. */
export function readRefused(payload: Buffer): number | null {
  return payload.length < 2 ? null : payload.readUInt16BE(0);
}

/** How a socket was closed. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export function closeFrame({ code, reason }: Closing): Buffer {
  return numbered(FRAME.close, code, shorten(reason));
}

/** Null when it is not what a close frame may say. */
export function readClose(payload: Buffer): Closing | null {
  if (payload.length < 2 || payload.length > 2 + REASON_BYTES_MAX) return null;
  const code = payload.readUInt16BE(0);
  const reason = decodeText(payload.subarray(2));
  return isCloseCode(code) && reason !== null ? { code, reason } : null;
}

/** Null when it is not UTF-8. */
export function decodeText(payload: Buffer): string | null {
  const text = payload.toString();
  // Where there is no replacement, nothing was replaced; the text may also have one of its own.
  return text.includes('\uFFFD') && !isUtf8(payload) ? null : text;
}

function newFrame(type: number, payloadLength: number, room: number): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + room);
  frame.writeUInt32BE(payloadLength + 1, 0);
  frame[4] = type;
  return frame;
}

function numbered(type: number, number: number, text: string): Buffer {
  const length = 2 + Buffer.byteLength(text);
  const frame = newFrame(type, length, length);
  frame.writeUInt16BE(number, HEAD_BYTES);
  frame.write(text, HEAD_BYTES + 2);
  return frame;
}

/** So many whole characters as a close frame has room for. */
function shorten(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= REASON_BYTES_MAX) return reason;
  return bytes
    .subarray(0, REASON_BYTES_MAX)
    .toString()
    .replace(/\uFFFD+$/u, '');
}
