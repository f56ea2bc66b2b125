import { protocolError, type SwarmError } from './errors.ts';

/** UTF-8 is the only platform service the codec borrows; declared here so no typings leak in. */
declare const TextEncoder: new () => Encoder;
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

interface Encoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, bytes: Uint8Array): { readonly written: number };
}

const encoder: Encoder = new TextEncoder();
// A byte order mark is data like any other: a round trip must not lose it.
const decoder: { decode(bytes: Uint8Array): string } = new TextDecoder('utf-8', {
  fatal: true,
  ignoreBOM: true,
});

/** In memory of its own. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** How many bytes it takes from `at` on, where there must be room for three per character. */
export function encodeInto(text: string, bytes: Uint8Array, at: number): number {
  return encoder.encodeInto(text, bytes.subarray(at)).written;
}

/** @throws SwarmError `invalid` when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw protocolError('invalid', 'no', 'not UTF-8');
  }
}

/** Whether `text` takes at most `bytesMax` bytes as UTF-8; exact, and free for short texts. */
export function fitsUtf8(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true;
  if (text.length > bytesMax) return false;
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdbff || !isLowSurrogate(text.charCodeAt(i + 1))) bytes += 3;
    else {
      bytes += 4;
      i += 1;
    }
  }
  return bytes <= bytesMax;
}

/** The same of a whole message, text or bytes. */
export function fitsBytes(message: string | Uint8Array, bytesMax: number): boolean {
  if (typeof message === 'string') return fitsUtf8(message, bytesMax);
  return message.byteLength <= bytesMax;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/**
 * A value as JSON text. What JSON cannot say at the top (`undefined`, a function) is `null`.
 *
 * @throws TypeError for a cycle or a bigint: a mistake of the program that made the value.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (cause) {
    throw new TypeError(`cannot be encoded as JSON: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The same for a value that is to travel.
 *
 * @throws TypeError as {@link toJson} does; SwarmError `invalid` for what {@link fromJson} refuses,
 *   so that the sender is told and not the other end.
 */
export function toSafeJson(value: unknown, depthMax: number): string {
  const text = toJson(value);
  if (text.length > 2 * depthMax && nestsDeeper(text, depthMax)) throw tooDeep(depthMax);
  if (isSuspicious(text) && hasPollutingKey(text)) throw polluting();
  return text;
}

/**
 * The value of a JSON text that came from outside.
 *
 * @throws SwarmError `invalid` when it is not JSON, nests deeper than `depthMax`, or has keys
 *   that would change a prototype once a handler merges it into an object of its own.
 */
export function fromJson(text: string, depthMax: number): unknown {
  if (text.length > 2 * depthMax && nestsDeeper(text, depthMax)) throw tooDeep(depthMax);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw protocolError('invalid', 'no', 'not JSON');
  }
  if (isSuspicious(text) && hasPollutingKey(text)) throw polluting();
  return value;
}

function tooDeep(depthMax: number): SwarmError {
  return protocolError('invalid', 'no', `nested deeper than ${depthMax}`);
}

function polluting(): SwarmError {
  return protocolError('invalid', 'no', 'a key `__proto__` or `constructor.prototype`');
}

/** Only these can spell a polluting key: the words themselves, or an escape that hides one. */
const SUSPICIOUS = /__proto__|constructor|\\u/;

/** Where there is no object there is no key, which is cheaper to see. */
function isSuspicious(text: string): boolean {
  return text.includes('{') && SUSPICIOUS.test(text);
}

function hasPollutingKey(text: string): boolean {
  let found = false;
  JSON.parse(text, (key, value: unknown) => {
    const isObject = typeof value === 'object' && value !== null;
    if (key === '__proto__') found = true;
    if (key === 'constructor' && isObject && Object.hasOwn(value, 'prototype')) found = true;
    return value;
  });
  return found;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counted before parsing, because parsing a deep text is what takes the time. */
function nestsDeeper(text: string, depthMax: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(text, i);
    else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (unit === 0x5d || unit === 0x7d) depth -= 1;
  }
  return false;
}

/** Index of the quote that closes the string opened at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
