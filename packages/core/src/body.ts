import { decodeUtf8, encodeUtf8, fitsBytes, fromJson, toJson, toSafeJson } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import { protocolError } from './errors.ts';

/** How the bytes of a body are to be read. Numbers travel in swarm headers and never change. */
export const ENCODING_JSON = 0;

/**
 * The arguments or the result of an exchange: opaque bytes until somebody asks for the value, a
 * value until somebody asks for its bytes. A hop that only forwards asks for neither.
 *
 * The value belongs to whoever decoded it: no two ends ever share one, not even in one process.
 */
export class Body {
  readonly encoding: number;
  #json: string | undefined;
  #bytes: Uint8Array | undefined;
  #value: unknown;
  #hasValue: boolean;

  private constructor(
    encoding: number,
    json: string | undefined,
    bytes: Uint8Array | undefined,
    value: unknown,
    hasValue: boolean,
  ) {
    this.encoding = encoding;
    this.#json = json;
    this.#bytes = bytes;
    this.#value = value;
    this.#hasValue = hasValue;
  }

  /**
   * Encode a value of ours, now: the caller may change it afterwards.
   *
   * @throws TypeError when it cannot be encoded, SwarmError `invalid` when nobody would read it.
   */
  static of(value: unknown): Body {
    const json = toSafeJson(value, END_LIMITS.jsonDepthMax);
    return new Body(ENCODING_JSON, json, undefined, undefined, false);
  }

  /** Bytes as they came from the swarm; `bytes` must stay unchanged. */
  static received(bytes: Uint8Array, encoding: number): Body {
    return new Body(encoding, undefined, bytes, undefined, false);
  }

  /** A value that was part of a decoded message. */
  static decoded(value: unknown): Body {
    return new Body(ENCODING_JSON, undefined, undefined, value, true);
  }

  /** @throws SwarmError `invalid` or `incompatible` when the bytes cannot be read. */
  get value(): unknown {
    if (!this.#hasValue) {
      this.#value = fromJson(this.#json ?? this.#received(), END_LIMITS.jsonDepthMax);
      this.#hasValue = true;
    }
    return this.#value;
  }

  /**
   * As JSON text that is certain to be valid: bytes from outside are parsed and written again.
   *
   * @throws SwarmError `invalid` or `incompatible` when the bytes cannot be read.
   */
  get json(): string {
    this.#json ??= toJson(this.value);
    return this.#json;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= encodeUtf8(this.json);
    return this.#bytes;
  }

  /** What is to be written: its bytes where there are any, else JSON text. */
  get content(): Uint8Array | string {
    return this.#bytes ?? this.json;
  }

  /** Whether it takes at most `bytesMax` bytes. */
  fits(bytesMax: number): boolean {
    return fitsBytes(this.#bytes ?? this.json, bytesMax);
  }

  /** A body for another end of this process: the same content, never the same value. */
  copy(): Body {
    if (this.#bytes !== undefined) return Body.received(this.#bytes, this.encoding);
    return new Body(ENCODING_JSON, this.json, undefined, undefined, false);
  }

  #received(): string {
    if (this.encoding !== ENCODING_JSON) {
      throw protocolError('incompatible', 'no', `unknown encoding ${this.encoding}`);
    }
    return decodeUtf8(this.#bytes as Uint8Array);
  }
}

/** The answer of handlers that returned nothing. */
export const NULL_BODY: Body = Body.of(null);
