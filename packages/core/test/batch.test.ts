import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBatch, LENGTH_BYTES_MAX, splitBatch } from '../src/batch.ts';
import { nth } from './hosts.ts';

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

const LONGEST = 70_000;

/** What frames are cut from: no two of its stretches are alike for long. */
const NOISE = Uint8Array.from({ length: LONGEST + 256 }, (_, at) => at + (at >> 8));

/** Frames begin with any byte, also with that of a batch. */
const frame = fc
  .record({
    length: fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(127, 128, 16_383, 16_384, LONGEST),
      fc.integer({ min: 1, max: LONGEST }),
    ),
    start: fc.nat(255),
  })
  .map(({ length, start }) => NOISE.slice(start, start + length));

const frames = fc.array(frame, { minLength: 1, maxLength: 20 });

/** How many of these frames are whole in the first so many bytes of their batch. */
function wholeWithin(list: readonly Uint8Array[], end: number): number {
  let at = 1;
  const ends = list.map(({ length }) => {
    at += length < 0x80 ? 1 : length < 0x4000 ? 2 : 3;
    at += length;
    return at;
  });
  return ends.filter((own) => own <= end).length;
}

/** Whether two lists hold the same bytes; much faster than `toEqual`. */
function areEqual(found: readonly Uint8Array[], list: readonly Uint8Array[]): boolean {
  return (
    found.length === list.length &&
    list.every((own, at) => Buffer.compare(own, nth(found, at)) === 0)
  );
}

/** The same bytes, as a view with others around it that are nobody's to read. */
function within(payload: Uint8Array): Uint8Array {
  const room = new Uint8Array(payload.length + 40).fill(1);
  room.set(payload, 20);
  return room.subarray(20, 20 + payload.length);
}

describe('encodeBatch', () => {
  it('is a zero, then every frame behind its length', () => {
    expect(encodeBatch([bytes(1, 2), bytes(3)])).toEqual(bytes(0, 2, 1, 2, 1, 3));
  });

  it('writes lengths in seven bits to a byte, the least first', () => {
    for (const [length, written] of [
      [127, [0x7f]],
      [128, [0x80, 0x01]],
      [300, [0xac, 0x02]],
      [16_384, [0x80, 0x80, 0x01]],
    ] as const) {
      const payload = encodeBatch([new Uint8Array(length).fill(9)]);

      expect(payload.subarray(0, written.length + 1)).toEqual(bytes(0, ...written));
      expect(payload).toHaveLength(1 + written.length + length);
    }
  });

  it('never takes more room than its sender reckons with', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const reckoned = list.reduce((sum, { length }) => sum + length + LENGTH_BYTES_MAX, 1);

        expect(encodeBatch(list).length).toBeLessThanOrEqual(reckoned);
      }),
    );
  });
});

describe('splitBatch', () => {
  it('takes a message that is no batch for the frame it is, without a copy', () => {
    for (const lone of [bytes(1, 2, 3), bytes(255), bytes()]) {
      const [only, ...others] = splitBatch(lone);

      expect(only).toBe(lone);
      expect(others).toEqual([]);
    }
  });

  it('reads a batch up to where it makes no sense', () => {
    for (const [payload, expected] of [
      [bytes(0), []],
      [bytes(0, 2, 1), []],
      [bytes(0, 1, 7, 2, 1), [[7]]],
      [bytes(0, 1, 7, 0x80), [[7]]],
      [bytes(0, 1, 7, 0, 1, 8), [[7]]],
      [bytes(0, 1, 7, 0x81, 0, 8, 1, 9), [[7], [8], [9]]],
      [bytes(0, 1, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 8), [[7]]],
      [bytes(0, 1, 7, ...new Array(20).fill(0xff)), [[7]]],
      [bytes(0, 3, 0, 1, 9), [[0, 1, 9]]],
    ] as const) {
      expect(splitBatch(payload).map((found) => [...found])).toEqual(expected);
    }
  });

  it('gives back the frames of a batch, as views of it', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const payload = within(encodeBatch(list));

        const found = splitBatch(payload);

        expect(areEqual(found, list)).toBe(true);
        expect(found.every(({ buffer }) => buffer === payload.buffer)).toBe(true);
      }),
    );
  });

  it('gives back the frames that are whole of a batch that is cut off, and no others', () => {
    fc.assert(
      fc.property(frames, fc.nat(), (list, cut) => {
        const payload = encodeBatch(list);
        const end = 1 + (cut % payload.length);

        const found = splitBatch(within(payload.subarray(0, end)));

        expect(areEqual(found, list.slice(0, wholeWithin(list, end)))).toBe(true);
      }),
    );
  });

  // Behind all of the above: whatever the bytes are, each frame is a piece of them behind the one
  // before, and never an empty one.
  it('finds frames only within the message, whatever that is', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0x81, 0xff), { maxLength: 60 }),
    );
    fc.assert(
      fc.property(garbage, (rest) => {
        const payload = within(bytes(0, ...rest));
        let at = payload.byteOffset + 1;

        for (const { buffer, byteOffset, length } of splitBatch(payload)) {
          expect(length).toBeGreaterThan(0);
          const verdict = { isView: buffer === payload.buffer, isBehind: byteOffset > at };
          expect(verdict).toEqual({ isView: true, isBehind: true });
          at = byteOffset + length;
        }
        expect(at).toBeLessThanOrEqual(payload.byteOffset + payload.length);
      }),
      { numRuns: 5_000 },
    );
  });

  it('finds whole frames before damage, whatever the damage is', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.nat(255), (list, at, byte) => {
        const payload = encodeBatch(list);
        const place = 1 + (at % (payload.length - 1));
        const before = wholeWithin(list, place);
        payload[place] = byte;

        const found = splitBatch(payload);

        expect(areEqual(found.slice(0, before), list.slice(0, before))).toBe(true);
      }),
    );
  });
});
