const LENGTH_BYTES = 4;
/** Room for a frame that has just begun: an announcement alone must not cost more. */
const FIRST_BYTES_MAX = 4_096;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into frames. A frame that is whole in one chunk is a view of it; one
 * that comes in pieces is gathered in memory of its own, which grows with what has come: never
 * more than twice that, and every byte is copied at most three times.
 */
export class FrameReader {
  readonly #lengthMax: number;
  /** What was received last, and how far it has been read. */
  #chunk: Buffer = NOTHING;
  #at = 0;
  /** Length of the present frame, and how many of its bytes were read. */
  #length = 0;
  #lengthBytes = 0;
  /** The frame that comes in pieces, and how much of it has come. */
  #gathered: Buffer = NOTHING;
  #filled = 0;
  /** What the last frame was for. */
  type = 0;

  /** `payloadBytesMax` is the greatest payload; a frame has a byte for its type besides. */
  constructor(payloadBytesMax: number) {
    this.#lengthMax = payloadBytesMax + 1;
  }

  /** The next bytes. All frames of those before must have been taken. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * Payload of the next frame, whose type is {@link type} then; null until more has come. A text
   * says what is wrong with a length: there is no way to go on after it.
   */
  next(): Buffer | 'empty' | 'too long' | null {
    if (!this.#readLength()) return this.#wait();
    if (this.#length === 0) return 'empty';
    if (this.#length > this.#lengthMax) return 'too long';
    const start = this.#at;
    const end = start + this.#length;
    if (this.#filled > 0 || end > this.#chunk.length) return this.#gather();
    this.#at = end;
    return this.#taken(this.#chunk, start, end);
  }

  /** What was received and not read. */
  rest(): Buffer {
    return this.#chunk.subarray(this.#at);
  }

  #readLength(): boolean {
    while (this.#lengthBytes < LENGTH_BYTES) {
      const byte = this.#chunk[this.#at];
      if (byte === undefined) return false;
      this.#at += 1;
      this.#length = this.#length * 256 + byte;
      this.#lengthBytes += 1;
    }
    return true;
  }

  #gather(): Buffer | null {
    const count = Math.min(this.#chunk.length - this.#at, this.#length - this.#filled);
    this.#makeRoom(this.#filled + count);
    this.#chunk.copy(this.#gathered, this.#filled, this.#at, this.#at + count);
    this.#filled += count;
    this.#at += count;
    if (this.#filled < this.#length) return this.#wait();
    const frame = this.#gathered;
    this.#gathered = NOTHING;
    this.#filled = 0;
    return this.#taken(frame, 0, frame.length);
  }

  /** In steps that double, so that many small pieces are not copied again and again. */
  #makeRoom(bytes: number): void {
    const { length } = this.#gathered;
    if (bytes <= length) return;
    const room = Math.min(this.#length, Math.max(bytes, 2 * length, FIRST_BYTES_MAX));
    const grown = Buffer.allocUnsafeSlow(room);
    this.#gathered.copy(grown, 0, 0, this.#filled);
    this.#gathered = grown;
  }

  #taken(frame: Buffer, start: number, end: number): Buffer {
    this.#length = 0;
    this.#lengthBytes = 0;
    this.type = frame[start] as number;
    return frame.subarray(start + 1, end);
  }

  /** The chunk is used up, and is kept no longer. */
  #wait(): null {
    this.#chunk = NOTHING;
    this.#at = 0;
    return null;
  }
}
