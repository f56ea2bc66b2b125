import { decodeUtf8 } from './codec.ts';

const SLOTS = 1_024;
const SHORT_BYTES_MAX = 64;

/** Names and ids that came in lately: the same few come again and again. */
const recent: string[] = new Array(SLOTS).fill('');

/**
 * A text of so many bytes, which most probably came in lately, too: finding it beats decoding it.
 *
 * @throws SwarmError `invalid` when it is not UTF-8.
 */
export function decodeRecent(bytes: Uint8Array, start: number, length: number): string {
  const slot = hash(bytes, start, length) % SLOTS;
  const known = recent[slot] as string;
  if (known.length === length && isSpelled(known, bytes, start)) return known;
  const text = decodeUtf8(bytes.subarray(start, start + length));
  // A byte for each character, or comparing them would say nothing.
  if (length <= SHORT_BYTES_MAX && text.length === length) recent[slot] = text;
  return text;
}

/** Of the last bytes, since ids of one process begin alike. */
function hash(bytes: Uint8Array, start: number, length: number): number {
  let value = length;
  for (let i = start + Math.max(0, length - 8); i < start + length; i += 1) {
    value = (Math.imul(value, 31) + (bytes[i] as number)) | 0;
  }
  return value >>> 0;
}

/** Whether a text of one byte for each character is what the bytes say. */
function isSpelled(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
