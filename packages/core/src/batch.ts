import { HeaderReader } from './bytes.ts';

/** First byte of a message that holds several frames: no version of a frame is 0. */
const BATCH = 0;

/** What a frame's length takes at most, in a batch. */
export const LENGTH_BYTES_MAX = 5;

/** One message of several frames: a zero byte, then every frame behind its length as a varint. */
export function encodeBatch(frames: readonly Uint8Array[]): Uint8Array {
  let room = 1;
  for (const frame of frames) room += LENGTH_BYTES_MAX + frame.length;
  const payload = new Uint8Array(room);
  payload[0] = BATCH;
  let at = 1;
  for (const frame of frames) {
    let rest = frame.length;
    while (rest >= 0x80) {
      payload[at] = (rest & 0x7f) | 0x80;
      at += 1;
      rest >>>= 7;
    }
    payload[at] = rest;
    payload.set(frame, at + 1);
    at += 1 + frame.length;
  }
  return payload.subarray(0, at);
}

/**
 * The frames of a message, as views of it: those of a batch, or the message itself. A batch that
 * is cut off or has lengths that cannot be is read as far as it makes sense.
 */
export function splitBatch(payload: Uint8Array): readonly Uint8Array[] {
  if (payload[0] !== BATCH) return [payload];
  const frames: Uint8Array[] = [];
  const reader = new HeaderReader(payload);
  reader.byte();
  for (;;) {
    const frame = reader.bytes(reader.varint());
    if (!reader.ok || frame.length === 0) return frames;
    frames.push(frame);
  }
}
