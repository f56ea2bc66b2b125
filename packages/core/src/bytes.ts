import { decodeUtf8, encodeInto, encodeUtf8, fromJson, toJson } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import type { Meta } from './frame.ts';
import { isMeta } from './guard.ts';
import { borrow, take } from './slab.ts';

/**
 * No header is longer than this. Every field of a header is bounded, and so is their sum: 1 KiB of
 * `meta` as JSON, with an escape of six bytes for every character and every character an entry of
 * its own, takes 12 KiB, all the rest 1 KiB.
 */
export const HEADER_BYTES_MAX = 16_384;

/** Room for all fields between two texts. */
const FIELDS_BYTES = 64;
/** Longer parts get memory of their own, so that one of them does not keep that of others. */
const SHARED_BYTES_MAX = 4_096;

/**
 * Writes one header, and its body behind it, into memory that messages share. There is one writer
 * at a time: nothing else is written between its start and its end.
 */
export class HeaderWriter {
  #bytes: Uint8Array;
  #start: number;
  #at: number;

  constructor() {
    const { bytes, at } = borrow(FIELDS_BYTES);
    this.#bytes = bytes;
    this.#start = at;
    this.#at = at;
  }

  byte(value: number): this {
    this.#bytes[this.#at] = value;
    this.#at += 1;
    return this;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits to a byte, least first (as in LEB128). */
  varint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.byte(rest);
  }

  /** Byte length as a varint, then UTF-8. */
  text(text: string): this {
    const { length } = text;
    if (length >= 0x80) return this.#encoded(text);
    this.#reserve(length + FIELDS_BYTES);
    // Names and ids are short and plain: a loop beats the encoder's call.
    const bytes = this.#bytes;
    const start = this.#at + 1;
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return this.#encoded(text);
      bytes[start + i] = unit;
    }
    bytes[this.#at] = length;
    this.#at = start + length;
    return this;
  }

  #encoded(text: string): this {
    const encoded = encodeUtf8(text);
    this.varint(encoded.length);
    this.#reserve(encoded.length + FIELDS_BYTES);
    this.#put(encoded);
    return this;
  }

  /** As JSON in a text, empty for none. */
  meta(meta: Meta | undefined): this {
    return this.text(meta === undefined ? '' : toJson(meta));
  }

  /**
   * The header and its body, in bytes that nobody else gets.
   *
   * @throws RangeError when a field was over its bound: whoever sends has to check them.
   */
  end(body: Uint8Array | string): Uint8Array {
    if (this.#at - this.#start > HEADER_BYTES_MAX) {
      throw new RangeError('a header over HEADER_BYTES_MAX');
    }
    // A unit of UTF-16 takes three bytes at most.
    if (typeof body === 'string' && body.length * 3 <= SHARED_BYTES_MAX) {
      this.#reserve(body.length * 3);
      this.#at += encodeInto(body, this.#bytes, this.#at);
    } else {
      const bytes = typeof body === 'string' ? encodeUtf8(body) : body;
      this.#reserve(bytes.length);
      this.#put(bytes);
    }
    return take(this.#bytes, this.#start, this.#at);
  }

  #put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** See that there is room for so much more, elsewhere if need be. */
  #reserve(bytes: number): void {
    const isLong = bytes > SHARED_BYTES_MAX;
    if (!isLong && this.#at + bytes <= this.#bytes.length) return;
    const written = this.#bytes.subarray(this.#start, this.#at);
    const length = written.length + bytes;
    const place = isLong ? { bytes: new Uint8Array(length), at: 0 } : borrow(length);
    this.#bytes = place.bytes;
    this.#start = place.at;
    this.#at = place.at;
    this.#put(written);
  }
}

/** Makes a text of so many bytes, or throws when they are none. */
export type DecodeText = (bytes: Uint8Array, start: number, length: number) => string;

const decodeText: DecodeText = (bytes, start, length) => {
  return decodeUtf8(bytes.subarray(start, start + length));
};

/** Reads one header. Reading past the end, or nonsense, yields 0 or '' and `ok` is false after. */
export class HeaderReader {
  readonly #bytes: Uint8Array;
  readonly #decode: DecodeText;
  #at = 0;
  ok = true;

  constructor(bytes: Uint8Array, decode: DecodeText = decodeText) {
    this.#bytes = bytes;
    this.#decode = decode;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    this.#at += 1;
    if (value !== undefined) return value;
    this.ok = false;
    return 0;
  }

  /** At most eight bytes, which is what the greatest number takes. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 56; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
    }
    this.ok = false;
    return 0;
  }

  text(bytesMax: number = HEADER_BYTES_MAX): string {
    const length = this.varint();
    if (length === 0) return '';
    const start = this.#at;
    this.#at += length;
    if (length > bytesMax || this.#at > this.#bytes.length) {
      this.ok = false;
      return '';
    }
    try {
      return this.#decode(this.#bytes, start, length);
    } catch {
      this.ok = false;
      return '';
    }
  }

  /** Undefined for none; nonsense makes it not `ok`. */
  meta(): Meta | undefined {
    const text = this.text();
    if (text === '') return undefined;
    try {
      const meta = fromJson(text, END_LIMITS.jsonDepthMax);
      if (isMeta(meta)) return meta;
    } catch {
      // Not JSON, which is one more kind of nonsense.
    }
    this.ok = false;
    return undefined;
  }

  /** So many bytes, as a view. */
  bytes(length: number): Uint8Array {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) this.ok = false;
    return this.#bytes.subarray(start, this.#at);
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}
