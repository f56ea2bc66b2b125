import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { encodeUtf8 } from '../src/codec.ts';
import { ERROR_SUBTYPES, protocolError, SwarmError } from '../src/errors.ts';
import type { MalformedFrame, Message, SocketFrame } from '../src/frame.ts';
import { isWireMessage } from '../src/guard.ts';
import { swarmJson } from '../src/json-dialect.ts';
import { counters, json, metas, name, text } from './arbitraries.ts';
import { nth, toValue } from './hosts.ts';

function receive(message: Message): SocketFrame | MalformedFrame {
  const frames = swarmJson.receive(message);
  expect(frames).toHaveLength(1);
  return nth(frames, 0);
}

const receiveObject = (message: object) => receive(JSON.stringify(message));

/** A frame without its classes, so that two can be compared. */
function plain(frame: SocketFrame | MalformedFrame): unknown {
  const body = 'body' in frame ? frame.body.value : undefined;
  if (!('error' in frame)) return { ...frame, body };
  const { type, subtype, message, data, code, delivered } = frame.error;
  return { ...frame, body, error: { type, subtype, message, data, code, delivered } };
}

describe('swarm.json receiving', () => {
  it('reads text and bytes alike', () => {
    const message = '{"type":"request","correlationId":"é","name":"add","args":[1,2]}';

    for (const form of [message, encodeUtf8(message)]) {
      expect(plain(receive(form))).toEqual({
        ...{ kind: 'request', id: 'é', name: 'add', body: [1, 2] },
        ...{ ttlMs: undefined, meta: undefined },
      });
    }
  });

  it('takes no arguments for none, and a single value for the one argument', () => {
    const request = { type: 'request', correlationId: 1, name: 'x' };
    for (const [message, args] of [
      [request, []],
      [{ ...request, args: 'a' }, ['a']],
      [{ ...request, args: null }, [null]],
      [{ ...request, args: [[]] }, [[]]],
      [{ type: 'event', name: 'x', args: { a: 1 } }, [{ a: 1 }]],
    ] as const) {
      expect(receiveObject(message)).toMatchObject({ body: { value: args } });
    }
  });

  it('takes a result that is not there for null', () => {
    expect(receiveObject({ type: 'response', correlationId: 1 })).toMatchObject({
      body: { value: null },
    });
  });

  it('takes a decimal id in an answer for the counter it was, and no other spelling', () => {
    const idOf = (correlationId: unknown) => {
      return plain(receiveObject({ type: 'response', correlationId, result: 0 }));
    };

    expect(idOf('12')).toMatchObject({ id: 12 });
    expect(idOf(12)).toMatchObject({ id: 12 });
    for (const id of ['012', '1.0', '+1', '1e1', '', ' 1', '12345678901234567']) {
      expect(idOf(id)).toMatchObject({ id });
    }
  });

  it('keeps the id of a request as it came: it is only sent back', () => {
    for (const correlationId of ['12', 12]) {
      expect(receiveObject({ type: 'request', correlationId, name: 'x' })).toMatchObject({
        id: correlationId,
      });
    }
  });

  it('ignores types that begin with x-', () => {
    expect(swarmJson.receive('{"type":"x-telemetry","a":1}')).toEqual([]);
  });

  it('allows fields it does not know', () => {
    expect(receiveObject({ type: 'init', protocol: 9 })).toMatchObject({ kind: 'init', info: {} });
  });

  it('reads the close of the original client, which gives no reason', () => {
    expect(receiveObject({ type: 'close' })).toMatchObject({ kind: 'close', code: 1000 });
    expect(receiveObject({ type: 'close', code: 4409, reason: 'taken' })).toEqual({
      ...{ kind: 'close', code: 4409, reason: 'taken' },
    });
  });

  it('reads an error of a newer end, which may have subtypes of its own', () => {
    const error = { type: 'error', correlationId: '1', errorType: 'protocol', errorSubtype: 'new' };

    expect(receiveObject(error)).toMatchObject({
      id: 1,
      error: { type: 'protocol', subtype: 'internal', delivered: 'unknown' },
    });
  });

  it('blames nobody for what cannot be read', () => {
    for (const message of ['', 'nonsense', '[]', '"x"', 'null', '{}', '{"type":1}']) {
      expect(receive(message)).toMatchObject({
        ...{ kind: 'malformed', id: null },
        error: { subtype: 'invalid', delivered: 'no' },
      });
    }
    expect(receive(new Uint8Array([0xff]))).toMatchObject({ kind: 'malformed', id: null });
  });

  it('blames a request that is none, and never an exchange of our own', () => {
    for (const [type, id] of [
      ['request', 7],
      ['error', null],
    ] as const) {
      expect(receiveObject({ type, correlationId: 7, name: '' })).toMatchObject({
        ...{ kind: 'malformed', id, error: { subtype: 'invalid', delivered: 'no' } },
      });
    }
    expect(receiveObject({ type: 'request', correlationId: {}, name: 'x' })).toMatchObject({
      id: null,
    });
    expect(receiveObject({ type: 'response', correlationId: -1 })).toMatchObject({ id: null });
  });

  it('finds types it does not know, and those that are reserved, incompatible', () => {
    for (const [type, id] of [
      ['dance', 7],
      ['item', null],
      ['credit', null],
      ['end', null],
    ] as const) {
      expect(receiveObject({ type, correlationId: 7 })).toMatchObject({
        ...{ kind: 'malformed', id, error: { subtype: 'incompatible', delivered: 'no' } },
      });
    }
  });

  it('jsonDepthMax: finds what nests deeper invalid', () => {
    const nested = (depth: number) => {
      return `{"type":"event","name":"x","args":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    };

    expect(receive(nested(511))).toMatchObject({ kind: 'event' });
    expect(receive(nested(512))).toMatchObject({
      kind: 'malformed',
      error: { subtype: 'invalid' },
    });
  });
});

describe('swarm.json sending', () => {
  it('writes fields that hold nothing only where they say something', () => {
    const bare = { ttlMs: undefined, meta: undefined };
    const [message] = swarmJson.send({
      ...{ kind: 'request', id: 1, name: 'a"b', body: Body.of([]) },
      ...bare,
    });
    expect(message).toBe('{"type":"request","correlationId":"1","name":"a\\"b","args":[]}');
  });

  it('writes time in whole milliseconds, never less than there is', () => {
    const frame = {
      kind: 'request',
      id: 1,
      name: 'x',
      body: Body.of([]),
      meta: undefined,
    } as const;
    const [message = ''] = swarmJson.send({ ...frame, ttlMs: 99.2 });

    expect(toValue(message)).toMatchObject({ ttlMs: 100 });
  });
});

const frames: fc.Arbitrary<SocketFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    id: fc.nat().map((id) => id + 1),
    name,
    body: fc.array(json).map(Body.of),
    ttlMs: fc.option(fc.nat(86_400_000), { nil: undefined }),
    meta: metas,
  }),
  fc.record({
    kind: fc.constant('event' as const),
    name,
    body: fc.array(json).map(Body.of),
    meta: metas,
  }),
  fc.record({
    kind: fc.constant('response' as const),
    id: fc.oneof(counters, text.filter(isForeignId)),
    body: json.map(Body.of),
  }),
  fc.record({
    kind: fc.constant('error' as const),
    id: fc.option(fc.oneof(counters, text.filter(isForeignId))),
    error: fc.oneof(
      fc
        .record({ message: text, data: json, code: fc.option(text) })
        .map(({ message, ...rest }) => {
          return new SwarmError(message, rest);
        }),
      fc
        .tuple(
          fc.constantFrom(...ERROR_SUBTYPES),
          fc.constantFrom('no' as const, 'unknown' as const, 'yes' as const),
          text,
          json,
        )
        .map((args) => protocolError(...args)),
    ),
  }),
  fc.record({
    kind: fc.constantFrom('cancel' as const, 'ping' as const),
    id: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('pong' as const),
    id: fc.oneof(counters, text.filter(isForeignId)),
  }),
  fc.record({ kind: fc.constant('init' as const), info: fc.constant({}) }),
  fc.record({
    kind: fc.constant('close' as const),
    code: fc.constantFrom(1000, 1001, 4409),
    reason: fc.string({ maxLength: 40 }),
  }),
);

/** A correlation id of the other end that does not look like a counter of ours. */
function isForeignId(id: string): boolean {
  return id.length <= 128 && !/^\d+$/.test(id);
}

/** Our own counters travel as text in what we open: the other end sends back what it got. */
function asReceived(frame: SocketFrame): SocketFrame {
  const { kind } = frame;
  const isOpening = kind === 'request' || kind === 'cancel' || kind === 'ping';
  return isOpening ? { ...frame, id: String(frame.id) } : frame;
}

describe('swarm.json', () => {
  it('receives what it sends, as text and as bytes', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const messages = swarmJson.send(frame);
        expect(messages).toHaveLength(1);
        const message = nth(messages, 0);
        expect(isWireMessage(toValue(message))).toBe(true);

        for (const form of [message, encodeUtf8(String(message))]) {
          expect(plain(receive(form))).toEqual(plain(asReceived(frame)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('survives any part of a message', () => {
    fc.assert(
      fc.property(frames, fc.nat(), (frame, at) => {
        const bytes = encodeUtf8(String(swarmJson.send(frame)[0]));
        const cut = 1 + (at % (bytes.length - 1));

        for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
          expect(receive(part)).toMatchObject({ kind: 'malformed', id: null });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
