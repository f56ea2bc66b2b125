import { decodeUtf8, encodeUtf8, fromJson, toJson } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import type { Meta } from './frame.ts';
import { isMeta } from './guard.ts';
import { roomFor } from './slab.ts';

/**
 * Headers are written into one shared scratch area and copied out with their body. Every field of
 * a header is bounded, and so is their sum: 1 KiB of `meta` as JSON, with an escape of six bytes
 * for every character and every character an entry of its own, takes 12 KiB, all the rest 1 KiB.
 */
const SCRATCH: Uint8Array = new Uint8Array(16_384);

/** No header is longer than this. */
export const HEADER_BYTES_MAX: number = SCRATCH.length;

/** Writes one header. There is one writer at a time: nothing else runs between start and end. */
export class HeaderWriter {
  #at = 0;

  byte(value: number): this {
    SCRATCH[this.#at] = value;
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
    // Names and ids are short and plain: a loop beats the encoder's call.
    const { length } = text;
    if (length < 0x80) {
      const start = this.#at + 1;
      for (let i = 0; i < length; i += 1) {
        const unit = text.charCodeAt(i);
        if (unit >= 0x80) return this.#encoded(text);
        SCRATCH[start + i] = unit;
      }
      SCRATCH[this.#at] = length;
      this.#at = start + length;
      return this;
    }
    return this.#encoded(text);
  }

  #encoded(text: string): this {
    const bytes = encodeUtf8(text);
    this.varint(bytes.length);
    SCRATCH.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** As JSON in a text, empty for none. */
  meta(meta: Meta | undefined): this {
    return this.text(meta === undefined ? '' : toJson(meta));
  }

  /**
   * The header and its body, in bytes that are nobody else's.
   *
   * @throws RangeError when a field was over its bound: whoever sends has to check them.
   */
  end(body: Uint8Array): Uint8Array {
    if (this.#at > HEADER_BYTES_MAX) throw new RangeError('a header over HEADER_BYTES_MAX');
    const at = this.#at;
    const frame = roomFor(at + body.length);
    // A header is short: a loop beats the view that `set` would need.
    for (let i = 0; i < at; i += 1) frame[i] = SCRATCH[i] as number;
    frame.set(body, at);
    return frame;
  }
}

/** Reads one header. Reading past the end, or nonsense, yields 0 or '' and `ok` is false after. */
export class HeaderReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  ok = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
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

  text(): string {
    const length = this.varint();
    if (length === 0) return '';
    const start = this.#at;
    this.#at += length;
    if (length > HEADER_BYTES_MAX || this.#at > this.#bytes.length) {
      this.ok = false;
      return '';
    }
    try {
      return decodeUtf8(this.#bytes.subarray(start, this.#at));
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
