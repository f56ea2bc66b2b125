import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../src/batch.ts';
import { Body, ENCODING_JSON } from '../src/body.ts';
import { HEADER_BYTES_MAX } from '../src/bytes.ts';
import { decodeUtf8 } from '../src/codec.ts';
import { protocolError, SwarmError } from '../src/errors.ts';
import { isMeta } from '../src/guard.ts';
import {
  answerFrame,
  decodeMessage,
  encodeSwarmFrame,
  errorOf,
  frameTo,
  type SwarmFrame,
} from '../src/swarm-frame.ts';
import { anyText, swarmFrames } from './arbitraries.ts';
import { decodeLone, OTHER, OWN, ok } from './hosts.ts';

function roundTrip(frame: SwarmFrame): SwarmFrame | null {
  return decodeLone(encodeSwarmFrame(frame));
}

describe('swarm frames', () => {
  it('survive a round trip', () => {
    fc.assert(
      fc.property(swarmFrames, (frame) => {
        const { body, ...header } = roundTrip(frame) ?? {};
        const { body: sent, ...sentHeader } = frame;

        expect(header).toEqual(sentHeader);
        expect(body?.value).toEqual(sent.value);
      }),
      { numRuns: 1_000 },
    );
  });

  it('survive with any meta a call may bring', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText, { maxKeys: 30 }), (meta) => {
        fc.pre(isMeta(meta) && !Object.hasOwn(meta, '__proto__'));
        const frame: SwarmFrame = { ...frameTo('event', OWN, 'here'), name: 'x', meta };

        expect(roundTrip(frame)?.meta).toEqual(meta);
      }),
    );
  });

  // Meta is bounded in bytes of text; written as JSON, a control character takes six.
  it('survive with every field at its limit', () => {
    const keys = Array.from({ length: 512 }, (_, i) => {
      return String.fromCharCode(1 + (i % 31), 1 + Math.floor(i / 31));
    });
    const metas = [
      { a: '\u0001'.repeat(1_023) },
      Object.fromEntries(keys.map((key) => [key, ''])),
    ].filter(isMeta);
    expect(metas).toHaveLength(2);

    for (const meta of metas) {
      const frame: SwarmFrame = {
        ...frameTo('request', OWN, 'é'.repeat(64)),
        node: 'ü'.repeat(64),
        id: Number.MAX_SAFE_INTEGER,
        ttlMs: 86_400_000,
        name: 'ö'.repeat(128),
        meta,
        body: Body.of(['x']),
      };
      const bytes = encodeSwarmFrame(frame);
      const { body, ...header } = decodeLone(bytes) ?? {};
      const { body: _, ...sent } = frame;

      expect(header).toEqual(sent);
      expect(body?.value).toEqual(['x']);
      expect(bytes.length - frame.body.bytes.length).toBeLessThanOrEqual(HEADER_BYTES_MAX);
    }
  });

  it('carry the body untouched, whatever its encoding', () => {
    const bytes = new Uint8Array([0, 255, 1]);
    const frame = { ...frameTo('response', OWN, 'here'), body: Body.received(bytes, 200) };

    const body = roundTrip(frame)?.body;

    expect(body?.bytes).toEqual(bytes);
    expect(body?.encoding).toBe(200);
  });

  it('carry a rank in a claim and its objection, and a number in a ping, as their id', () => {
    for (const kind of ['claim', 'taken'] as const) {
      const frame = { ...frameTo(kind, OWN, 'here'), id: 300 };
      expect(roundTrip(frame)).toMatchObject({ kind, to: 'here', id: 300 });
    }
    const ping: SwarmFrame = { ...frameTo('ping', OWN, ''), target: 'process', id: 2 };

    expect(roundTrip(ping)).toMatchObject({ kind: 'ping', target: 'process', to: '', id: 2 });
  });

  it('carry time in whole milliseconds, never less than there is', () => {
    expect(roundTrip({ ...frameTo('cancel', OWN, 'here'), ttlMs: 10.1 })?.ttlMs).toBe(11);
  });

  it('are null when cut short anywhere in the header, and never throw', () => {
    fc.assert(
      fc.property(swarmFrames, (frame) => {
        const bytes = encodeSwarmFrame(frame);
        const headerBytes = bytes.length - frame.body.bytes.length;
        for (let end = 0; end < headerBytes; end += 1) {
          expect(decodeLone(bytes.subarray(0, end))).toBeNull();
          decodeLone(bytes.subarray(end));
        }
        for (let end = headerBytes; end < bytes.length; end += 1) {
          expect(decodeLone(bytes.subarray(0, end))).not.toBeNull();
        }
      }),
      { numRuns: 100 },
    );
  });

  it('never throw for any bytes', () => {
    fc.assert(
      fc.property(swarmFrames, fc.nat(), fc.nat(255), (frame, at, byte) => {
        const bytes = encodeSwarmFrame(frame);
        bytes[at % bytes.length] = byte;

        expect(() => decodeLone(bytes)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it('are null for another version, and for kinds, targets and vias nobody knows', () => {
    const bytes = encodeSwarmFrame(frameTo('cancel', OWN, 'here'));
    expect(decodeLone(bytes)).not.toBeNull();

    for (const [at, value] of [
      [0, 2],
      [1, 14],
      [2, 4],
      [3, 2],
    ] as const) {
      expect(decodeLone(bytes.with(at, value))).toBeNull();
    }
  });

  it('are null with a field that no process would send', () => {
    const good: SwarmFrame = { ...frameTo('request', OWN, 'here'), name: 'x', id: 1 };
    expect(roundTrip(good)).not.toBeNull();

    for (const change of [
      { process: '' },
      { process: 'UPPERCASEUPPERCA' },
      { process: `${OTHER}a` },
      { to: '' },
      { to: 'x'.repeat(129) },
      { target: 'process', to: 'here' },
      { node: 'x'.repeat(129) },
      { name: '' },
      { name: 'x'.repeat(257) },
      { kind: 'cancel' },
      { ttlMs: 86_400_001 },
      { meta: { a: 'x'.repeat(1_024) } },
    ] as const) {
      expect(roundTrip({ ...good, ...change })).toBeNull();
    }
  });

  it('are null with meta that is no map of texts', () => {
    const good: SwarmFrame = { ...frameTo('event', OWN, 'here'), name: 'x', meta: { ab: 'c' } };
    const bytes = encodeSwarmFrame(good);
    const at = decodeUtf8(bytes).indexOf('{"ab":"c"}');

    for (const meta of ['["ab","c"]', '{"ab": 12}', '{"ab":"c",', '"abcdefgh"', '{"__pro":7}']) {
      const changed = bytes.slice();
      changed.set(new TextEncoder().encode(meta), at);
      expect(decodeLone(changed)).toBeNull();
    }
  });
});

describe('what nobody knows', () => {
  const asking = encodeSwarmFrame({ ...frameTo('request', OTHER, 'here'), id: 7, name: 'load' });

  it('tells who asked in words nobody here knows, and of which exchange', () => {
    for (const at of [1, 2, 3]) {
      const told = decodeMessage(asking.with(at, 99));
      expect(told).toEqual([{ kind: 'unknown', process: OTHER, to: 'here', id: 7 }]);
    }
  });

  it('is left out for frames that name no exchange, or are none', () => {
    const telling = encodeSwarmFrame({ ...frameTo('event', OTHER, 'here'), name: 'moved' });
    const nobody = encodeSwarmFrame({ ...frameTo('request', 'nobody', 'here'), id: 7, name: 'x' });

    expect(decodeMessage(asking)).toMatchObject([{ kind: 'request' }]);
    for (const bytes of [telling, nobody, asking.with(0, 2)]) {
      expect(decodeMessage(bytes.with(1, 99))).toEqual([]);
    }
    expect(decodeMessage(asking.with(1, 99).subarray(0, 20))).toEqual([]);
    expect(decodeMessage(new Uint8Array())).toEqual([]);
  });
});

describe('frames that share a message', () => {
  /** As the outbox does: each is encoded behind the one before it. */
  function messageOf(frames: readonly SwarmFrame[]): Uint8Array {
    return encodeBatch(frames.map((frame, at) => encodeSwarmFrame(frame, frames[at - 1])));
  }

  it('come out as they went in, however much they have in common', () => {
    const texts = fc.constantFrom('here', 'there', OWN, OTHER);
    const alike = fc.record({
      frame: swarmFrames,
      node: texts,
      process: fc.constantFrom(OWN, OTHER),
    });
    fc.assert(
      fc.property(fc.array(alike, { minLength: 1, maxLength: 8 }), (list) => {
        const sent = list.map(({ frame, node, process }) => ({ ...frame, node, process }));

        const came = decodeMessage(messageOf(sent));

        expect(came.map(plain)).toEqual(sent.map(plain));
      }),
      { numRuns: 500 },
    );
  });

  it('say only once what they have in common', () => {
    const first: SwarmFrame = { ...frameTo('request', OWN, 'x'.repeat(40)), name: 'load', id: 1 };
    const alone = encodeSwarmFrame(first).length;

    for (const [change, left] of [
      [{ id: 2 }, 41 + 17 + 1],
      [{ to: 'y' }, 17 + 1],
      [{ node: 'y' }, 41 + 17],
      [{ process: OTHER }, 41 + 1],
    ] as const) {
      const next = { ...first, ...change };
      const shared = encodeSwarmFrame(next, first);
      expect(shared.length).toBe(encodeSwarmFrame(next).length - left);
      expect(shared.length).toBeLessThan(alone);
    }
  });

  it('are left out where there is nothing to share, or nobody knows what', () => {
    const frame = frameTo('cancel', OWN, 'here');
    const shared = encodeSwarmFrame(frame, frame);
    const lone = encodeSwarmFrame(frame);
    const unknown = encodeSwarmFrame({ ...frame, id: 7 }).with(1, 99);

    expect(decodeMessage(shared)).toEqual([]);
    expect(decodeMessage(encodeBatch([shared, shared]))).toEqual([]);
    expect(decodeMessage(encodeBatch([Uint8Array.of(9), shared, lone]))).toHaveLength(1);
    expect(decodeMessage(encodeBatch([lone, lone.with(0, 0x81)]))).toHaveLength(1);
    expect(decodeMessage(encodeBatch([unknown, shared]))).toMatchObject([
      { kind: 'unknown', to: 'here' },
      { kind: 'cancel', to: 'here', process: OWN },
    ]);
  });
});

function plain(frame: ReturnType<typeof decodeMessage>[number]): object {
  return 'body' in frame ? { ...frame, body: frame.body.value } : frame;
}

const FROM = { process: OWN, node: 'asked', id: 7 };

describe('answerFrame', () => {
  it('is a response to a process', () => {
    const frame = answerFrame(FROM, ok(Body.of(1)), 100);

    expect(frame).toMatchObject({ kind: 'response', target: 'process', to: '', ...FROM });
    expect(frame.body.value).toBe(1);
  });

  it('is an error when it fails, is too long, or cannot be written', () => {
    const failed = answerFrame(
      FROM,
      { ok: false, error: new SwarmError('no', { code: 'E' }) },
      100,
    );
    const long = answerFrame(FROM, ok(Body.of('x'.repeat(99))), 100);
    const unreadable = answerFrame(FROM, ok(Body.received(new Uint8Array([1]), 9)), 100);
    const data = answerFrame(FROM, { ok: false, error: new SwarmError('no', { data: 1n }) }, 100);

    expect(unreadable.kind).toBe('response');
    expect([failed, long, data].map(({ kind }) => kind)).toEqual(['error', 'error', 'error']);
    expect(errorOf(failed)).toMatchObject({ type: 'endpoint', code: 'E', delivered: 'yes' });
    expect(errorOf(long)).toMatchObject({ subtype: 'too_large', delivered: 'yes' });
    expect(errorOf(data)).toMatchObject({ subtype: 'internal', delivered: 'yes' });
  });

  it('fits exactly, or not', () => {
    expect(answerFrame(FROM, ok(Body.of('xx')), 4).kind).toBe('response');
    expect(answerFrame(FROM, ok(Body.of('xx')), 3).kind).toBe('error');
  });
});

describe('errorOf', () => {
  const frame = (body: Body): SwarmFrame => ({ ...frameTo('error', OTHER, ''), body });

  it('reads the error back as it was', () => {
    const error = protocolError('forbidden', 'no', 'not you', { why: 1 });

    expect(errorOf(answerFrame(FROM, { ok: false, error }, 1_000))).toMatchObject({
      ...{ subtype: 'forbidden', delivered: 'no', message: 'not you', data: { why: 1 } },
    });
  });

  it('is invalid for what cannot be read as one, and knows nothing of the handlers then', () => {
    for (const body of [
      Body.of('text'),
      Body.of({ errorType: 1 }),
      Body.received(new Uint8Array([0xff]), ENCODING_JSON),
      Body.received(new Uint8Array(), 9),
    ]) {
      expect(errorOf(frame(body))).toMatchObject({ subtype: 'invalid', delivered: 'unknown' });
    }
  });
});
