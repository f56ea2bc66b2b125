import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FrameReader } from '../src/reader.ts';
import { type Frame, rawFrame } from './raw.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** All frames of the chunks, and what was wrong at last, if anything was. */
function readAll(
  chunks: readonly Buffer[],
  payloadBytesMax = 1_000,
): { frames: Frame[]; wrong: string | null } {
  const reader = new FrameReader(payloadBytesMax);
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (;;) {
      const payload = reader.next();
      if (payload === null) break;
      if (typeof payload === 'string') return { frames, wrong: payload };
      frames.push({ type: reader.type, payload });
    }
  }
  return { frames, wrong: null };
}

function bytesOf(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.map(({ type, payload }) => rawFrame(type, payload)));
}

function cut(bytes: Buffer, points: readonly number[]): Buffer[] {
  const ends = [...points].sort((a, b) => a - b);
  return [0, ...ends].map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
}

const FRAMES: readonly Frame[] = [
  { type: 5, payload: Buffer.from([1, 2, 3]) },
  { type: 4, payload: Buffer.alloc(0) },
  { type: 255, payload: Buffer.alloc(300, 7) },
  { type: 6, payload: Buffer.alloc(0) },
];

describe('frames', () => {
  it('come out as they went in, many of one chunk', () => {
    expect(readAll([bytesOf(FRAMES)])).toEqual({ frames: FRAMES, wrong: null });
  });

  it('come out as they went in, split at every point', () => {
    const bytes = bytesOf(FRAMES);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(readAll(cut(bytes, [at])), `split at ${at}`).toEqual({ frames: FRAMES, wrong: null });
    }
  });

  it('come out as they went in, byte by byte', () => {
    const bytes = bytesOf(FRAMES);
    const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));

    expect(readAll(chunks)).toEqual({ frames: FRAMES, wrong: null });
  });

  // Behind all of the above, with empty chunks among the others, and frames up to the limit.
  it('come out as they went in, whatever they are and however they are cut', () => {
    const frame = fc.record({
      type: fc.nat(255),
      payload: fc.uint8Array({ maxLength: 1_000 }).map((bytes) => Buffer.from(bytes)),
    });
    const points = fc.array(fc.nat(20_000), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), points, (frames, at) => {
        const bytes = bytesOf(frames);
        const chunks = cut(
          bytes,
          at.map((point) => Math.min(point, bytes.length)),
        );

        expect(readAll(chunks)).toEqual({ frames, wrong: null });
      }),
    );
  });

  it('never change once they were read', () => {
    const chunks = cut(bytesOf(FRAMES), [2, 11, 40, 200, 306]);

    const { frames } = readAll([...chunks, ...chunks]);

    expect(frames).toEqual([...FRAMES, ...FRAMES]);
  });

  it('leave what is behind them to whoever reads on', () => {
    const reader = new FrameReader(1_000);
    const [first, ...rest] = FRAMES;
    if (first === undefined) throw new Error('there is no frame');

    reader.push(bytesOf(FRAMES));
    reader.next();

    expect(reader.rest()).toEqual(bytesOf(rest));
  });
});

describe('a length', () => {
  it('of exactly the limit is taken, and of one more is not', () => {
    const most = rawFrame(5, Buffer.alloc(1_000, 1));
    const more = rawFrame(5, Buffer.alloc(1_001, 1));

    expect(readAll([most, more])).toMatchObject({ frames: [{ type: 5 }], wrong: 'too long' });
  });

  it.each<[string, string, Buffer]>([
    ['nothing', 'empty', Buffer.from([0, 0, 0, 0])],
    ['4 GiB', 'too long', Buffer.from([255, 255, 255, 255])],
    ['what HTTP begins with', 'too long', Buffer.from('GET / HTTP/1.1\r\n')],
    ['what TLS begins with', 'too long', Buffer.from([0x16, 3, 1, 2])],
  ])('of %s is %s as soon as it is there, in one chunk or in four', (_what, wrong, bytes) => {
    expect(readAll([bytes])).toEqual({ frames: [], wrong });
    expect(readAll(cut(bytes, [1, 2, 3]))).toEqual({ frames: [], wrong });
    expect(readAll([bytes.subarray(0, 3)])).toEqual({ frames: [], wrong: null });
  });

  it('is wrong for good', () => {
    const reader = new FrameReader(1_000);
    reader.push(Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 6]));

    expect([reader.next(), reader.next()]).toEqual(['empty', 'empty']);
  });

  // Whatever comes, the reader ends with frames, a wrong length, or a wait for more.
  it('of any bytes at all ends nothing but the reading', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), (chunks) => {
        const { frames, wrong } = readAll(chunks.map((bytes) => Buffer.from(bytes)));
        const whole = bytesOf(frames);

        expect(Buffer.concat(chunks).subarray(0, whole.length)).toEqual(whole);
        expect([null, 'empty', 'too long']).toContain(wrong);
      }),
    );
  });
});

describe('memory', () => {
  /** Bytes that were allocated to gather frames. */
  function watchAllocations(): number[] {
    const sizes: number[] = [];
    const allocate = Buffer.allocUnsafeSlow;
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((size) => {
      sizes.push(size);
      return allocate(size);
    });
    return sizes;
  }

  it('for a frame that was only announced is a page', () => {
    const sizes = watchAllocations();

    readAll([Buffer.from([0, 16, 0, 0, 5])], 1_048_576);

    expect(sizes).toEqual([4_096]);
  });

  it('grows with what has come, in steps that double, one byte at a time', () => {
    const sizes = watchAllocations();
    const length = 200_000;
    const bytes = rawFrame(5, Buffer.alloc(length, 3));
    const reader = new FrameReader(length);
    const frames: Buffer[] = [];
    let worst = 0;

    for (let at = 0; at < bytes.length; at += 1) {
      reader.push(bytes.subarray(at, at + 1));
      const payload = reader.next();
      if (payload !== null && typeof payload !== 'string') frames.push(payload);
      if (at > 4_096) worst = Math.max(worst, (sizes.at(-1) ?? 0) / at);
    }

    expect(frames).toEqual([Buffer.alloc(length, 3)]);
    expect(worst).toBeLessThanOrEqual(2);
    // Each is as large as all before: what is copied adds up to twice the frame, not its square.
    expect(sizes).toEqual([4_096, 8_192, 16_384, 32_768, 65_536, 131_072, length + 1]);
  });

  it('is none for frames that are whole in their chunk', () => {
    const sizes = watchAllocations();

    readAll([bytesOf(FRAMES), bytesOf(FRAMES)]);

    expect(sizes).toEqual([]);
  });
});
