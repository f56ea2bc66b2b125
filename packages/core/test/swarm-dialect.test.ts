import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body, ENCODING_JSON } from '../src/body.ts';
import { HEADER_BYTES_MAX, HeaderWriter } from '../src/bytes.ts';
import { encodeUtf8 } from '../src/codec.ts';
import { ERROR_SUBTYPES, protocolError, SwarmError } from '../src/errors.ts';
import type { Dialect, MalformedFrame, Message, Meta, SocketFrame } from '../src/frame.ts';
import { isMeta, isReason } from '../src/guard.ts';
import { createClient, createServer, LIMITS } from '../src/index.ts';
import { swarmJson } from '../src/json-dialect.ts';
import { swarm1HeaderSchema } from '../src/schema.ts';
import { isSwarm1Header, SOCKET_KINDS, type Swarm1Header, swarm1 } from '../src/swarm-dialect.ts';
import { encodeSwarmFrame, frameTo } from '../src/swarm-frame.ts';
import { counters, json, metas, name, nodeIds, text } from './arbitraries.ts';
import { PairedSocket } from './pair.ts';

const ID_MAX = Number.MAX_SAFE_INTEGER - 1;

const ids = counters.map((id) => Math.min(id, ID_MAX));
const ttls = fc.option(fc.nat(LIMITS.timeoutMsMax), { nil: undefined });

function kind<const K extends string>(...kinds: K[]): fc.Arbitrary<K> {
  return fc.constantFrom(...kinds);
}

const errors = fc.oneof(
  fc
    .record({ message: text, data: json, code: fc.option(text) })
    .map(({ message, ...options }) => new SwarmError(message, options)),
  fc
    .tuple(
      fc.constantFrom(...ERROR_SUBTYPES),
      fc.constantFrom<('no' | 'unknown' | 'yes')[]>('no', 'unknown', 'yes'),
      text,
      json,
    )
    .map((args) => protocolError(...args)),
);
const nodes = fc.option(nodeIds, { nil: undefined });
const contracts = fc.option(fc.record({ name, version: name, hash: name }), {
  nil: undefined,
});
const bodies = fc.array(json).map((value) => Body.of(value));

/** Frames that an end of this version could send. */
const frames: fc.Arbitrary<SocketFrame> = fc.oneof(
  fc.record({ kind: kind('init'), info: fc.record({ node: nodes, contract: contracts }) }),
  fc.record({
    ...{ kind: kind('request'), id: ids, name, body: bodies, ttlMs: ttls, meta: metas },
  }),
  fc.record({ kind: kind('event'), name, body: bodies, meta: metas }),
  fc.record({ kind: kind('response'), id: ids, body: json.map((value) => Body.of(value)) }),
  fc.record({ kind: kind('error'), id: fc.option(ids), error: errors }),
  fc.record({ kind: kind('cancel'), id: ids }),
  fc.record({ kind: kind('ping', 'pong'), id: ids }),
  fc.record({
    kind: kind('close'),
    code: fc.constantFrom(1000, 1001, 4409, 4999),
    reason: text.filter(isReason),
  }),
);

function receive(message: Message): SocketFrame | MalformedFrame {
  const [frame, ...others] = swarm1.receive(message);
  if (frame === undefined || others.length > 0) throw new RangeError('one message is one frame');
  return frame;
}

function send(frame: SocketFrame): Uint8Array {
  const [message, ...others] = swarm1.send(frame);
  if (!(message instanceof Uint8Array) || others.length > 0) throw new TypeError('not one frame');
  return message;
}

/** A frame without its classes, so that two can be compared. */
function plain(frame: SocketFrame | MalformedFrame): unknown {
  const body = 'body' in frame ? frame.body.value : undefined;
  if (!('error' in frame)) return { ...frame, body };
  const { type, subtype, message, data, code, delivered } = frame.error;
  return { ...frame, body, error: { type, subtype, message, data, code, delivered } };
}

function malformed(id: number | null, subtype = 'invalid') {
  return { kind: 'malformed', id, error: { type: 'protocol', subtype, delivered: 'no' } };
}

/** The request whose bytes are written out in the specification. */
const ADD: SocketFrame = {
  ...{ kind: 'request', id: 300, name: 'add', body: Body.of([1]) },
  ...{ ttlMs: 1_500, meta: { a: 'b' } },
};

describe('swarm.1', () => {
  it('receives what it sends', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(plain(receive(send(frame)))).toEqual(plain(frame));
      }),
      { numRuns: 2_000 },
    );
  });

  it('writes the kind, then what routing needs, then the body', () => {
    expect([...send(ADD)]).toEqual([
      ...[1, 0xac, 0x02, 0, 0xdd, 0x0b, 3, 0x61, 0x64, 0x64],
      ...[9, ...encodeUtf8('{"a":"b"}'), ...encodeUtf8('[1]')],
    ]);
  });

  it('writes time in whole milliseconds, never less than there is', () => {
    expect(receive(send({ ...ADD, ttlMs: 99.2 }))).toMatchObject({ ttlMs: 100 });
    expect(receive(send({ ...ADD, ttlMs: 0 }))).toMatchObject({ ttlMs: 0 });
    expect(receive(send({ ...ADD, ttlMs: undefined }))).toMatchObject({ ttlMs: undefined });
  });

  it('does not look into bodies: bytes pass as they came', () => {
    for (const [encoding, body] of [
      [ENCODING_JSON, encodeUtf8(' [ 1 ] ')],
      [ENCODING_JSON, encodeUtf8('no JSON')],
      [200, new Uint8Array([0, 255])],
      [1, new Uint8Array()],
    ] as const) {
      for (const frame of [
        { ...ADD, body: Body.received(body, encoding) },
        { kind: 'response', id: 7, body: Body.received(body, encoding) },
        { kind: 'event', name: 'x', body: Body.received(body, encoding), meta: undefined },
      ] satisfies SocketFrame[]) {
        const message = send(frame);
        const received = receive(message);
        if (!('body' in received)) throw new TypeError('a frame with a body');

        expect(received.body.encoding).toBe(encoding);
        expect(received.body.copy().bytes).toEqual(body);
        expect(send({ ...received, body: received.body.copy() })).toEqual(message);
      }
    }
  });

  it('passes received bytes on untouched after they have been read', () => {
    const body = encodeUtf8(' {"a" : 1 } ');
    const message = send({ kind: 'response', id: 1, body: Body.received(body, ENCODING_JSON) });
    const received = receive(message);
    if (received.kind !== 'response') throw new TypeError('a response');

    expect(received.body.value).toEqual({ a: 1 });
    expect(send(received)).toEqual(message);
  });

  it('refuses an encoding it does not know when somebody reads the body, not before', () => {
    const bytes = send({ kind: 'response', id: 1, body: Body.received(new Uint8Array([1]), 9) });
    const received = receive(bytes);

    expect(received).toMatchObject({ kind: 'response', id: 1 });
    expect(() => plain(received)).toThrow(
      expect.objectContaining({ subtype: 'incompatible', delivered: 'no' }),
    );
  });

  it('allows fields of later versions in what is JSON, and after what has no body', () => {
    const init = new HeaderWriter().byte(0).end(encodeUtf8('{"protocol":9,"node":"ada"}'));
    const { length } = send({ kind: 'close', code: 1000, reason: 'x' });

    expect(receive(init)).toEqual({ kind: 'init', info: { node: 'ada', contract: undefined } });
    for (const frame of [
      { kind: 'close', code: 1000, reason: 'x' },
      { kind: 'ping', id: 7 },
    ] satisfies SocketFrame[]) {
      const longer = new Uint8Array(length + 9);
      longer.set(send(frame));
      expect(receive(longer)).toEqual(frame);
    }
  });

  it('keeps its header when the encoding of a body sends another frame', () => {
    const data = { toJSON: () => send({ ...ADD, name: 'other' }).length };
    const bytes = send({ kind: 'error', id: 7, error: new SwarmError('no', { data }) });

    expect(receive(bytes)).toMatchObject({ kind: 'error', id: 7, error: { message: 'no' } });
  });

  it('has no words for an id that is no number: it never gives one out', () => {
    expect(() => send({ kind: 'pong', id: 'a' })).toThrow(TypeError);
  });
});

describe('swarm.1 receiving nonsense', () => {
  it('finds text and empty messages invalid', () => {
    for (const message of ['', '{"type":"init"}', new Uint8Array()]) {
      expect(receive(message)).toMatchObject(malformed(null));
    }
  });

  it('finds kinds it does not know, and those that are reserved, incompatible', () => {
    for (let number = SOCKET_KINDS.indexOf('item'); number < 256; number += 1) {
      expect(receive(new Uint8Array([number, 7]))).toMatchObject(malformed(null, 'incompatible'));
    }
  });

  it('blames a request that is none, and never an exchange of our own', () => {
    const nameless = new HeaderWriter()
      .byte(1)
      .varint(7)
      .byte(0)
      .varint(0)
      .text('')
      .meta(undefined);
    expect(receive(nameless.end(encodeUtf8('[]')))).toMatchObject(malformed(7));

    for (const name of ['response', 'error', 'cancel', 'ping', 'pong'] as const) {
      const number = SOCKET_KINDS.indexOf(name);
      const cut = new HeaderWriter().byte(number).varint(7 + 2 ** 40);
      expect(receive(cut.end(new Uint8Array()).subarray(0, 3))).toMatchObject(malformed(null));
    }
  });

  it('blames nobody for an id that no error could name', () => {
    for (const id of [ID_MAX, ID_MAX + 1, ID_MAX + 2]) {
      const bytes = new HeaderWriter().byte(1).varint(id).byte(0).varint(0);
      const message = bytes.text('').meta(undefined).end(new Uint8Array());
      expect(receive(message)).toMatchObject(malformed(id === ID_MAX ? id : null));
    }
  });

  // A body that is cut short is still a body: whoever reads it finds out.
  it('finds a frame cut short anywhere in its header malformed', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const bytes = send(frame);
        const bodyBytes = 'body' in frame ? frame.body.bytes.length : 0;
        const headerBytes = bytes.length - bodyBytes;
        for (let end = 0; end < bytes.length; end += 1) {
          const received = receive(bytes.subarray(0, end));
          expect(received.kind).toBe(end < headerBytes ? 'malformed' : frame.kind);
          receive(bytes.subarray(end));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('blames a request cut short as soon as its id is there', () => {
    const bytes = send(ADD);
    const headerBytes = bytes.length - '[1]'.length;

    for (let end = 0; end < headerBytes; end += 1) {
      expect(receive(bytes.subarray(0, end))).toMatchObject(malformed(end < 3 ? null : 300));
    }
  });

  it('never throws for a frame with some bytes changed', () => {
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (frame, changes) => {
          const bytes = send(frame);
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;

          expect(() => receive(bytes)).not.toThrow();
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('never throws for any bytes', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.uint8Array(), (first, rest) => {
        expect(() => receive(new Uint8Array([first, ...rest]))).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives up on a number that never ends', () => {
    const endless = new Uint8Array(LIMITS.socketFrameBytesMax).fill(0x80);
    endless[0] = SOCKET_KINDS.indexOf('ping');

    expect(receive(endless)).toMatchObject(malformed(null));
  });
});

describe('isSwarm1Header', () => {
  // What a reader can read: known kinds, whole numbers, texts, and meta it has checked.
  const numbers = fc.oneof(
    fc.nat(6_000),
    fc.maxSafeNat(),
    fc.constantFrom(0, ID_MAX, ID_MAX + 1, LIMITS.timeoutMsMax, LIMITS.timeoutMsMax + 1),
  );
  const someTexts = fc.oneof(
    text,
    fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', 'a') }),
    fc.constantFrom('', 'x'.repeat(123), 'x'.repeat(124), 'x'.repeat(256), 'x'.repeat(257)),
  );
  const someTtls = fc.option(numbers, { nil: undefined });
  const headers: fc.Arbitrary<Swarm1Header> = fc.oneof(
    fc.record({ kind: kind('init') }),
    fc.record({
      ...{ kind: kind('request'), id: numbers, ttlMs: someTtls, name: someTexts, meta: metas },
    }),
    fc.record({ kind: kind('event'), name: someTexts, meta: metas }),
    fc.record({ kind: kind('response', 'cancel', 'ping', 'pong'), id: numbers }),
    fc.record({ kind: kind('error'), id: fc.option(numbers) }),
    fc.record({ kind: kind('close'), code: numbers, reason: someTexts }),
  );

  it('accepts a header iff the schema does', () => {
    const verdicts = { true: 0, false: 0 };
    fc.assert(
      fc.property(headers, (header) => {
        const verdict = isSwarm1Header(header);

        expect(verdict).toBe(swarm1HeaderSchema.safeParse(header).success);
        verdicts[`${verdict}`] += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(500);
  });

  it('accepts every header that is received', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const received = receive(send(frame));
        expect(swarm1HeaderSchema.safeParse(received).success).toBe(true);
      }),
    );
  });
});

describe('the greatest header', () => {
  /** Meta that takes the most room as JSON: control characters, in as many pairs as there are. */
  function greatestMeta(): Meta {
    const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).filter(
      (char) => JSON.stringify(char).length === 8,
    );
    const keys = ['', ...controls, ...controls.flatMap((a) => controls.map((b) => a + b))];
    const meta: Record<string, string> = {};
    let bytes = 0;
    for (const key of keys) {
      if (bytes + key.length > LIMITS.metaBytesMax) break;
      meta[key] = '';
      bytes += key.length;
    }
    meta[''] = '\u0000'.repeat(LIMITS.metaBytesMax - bytes);
    return meta;
  }

  it('fits into HEADER_BYTES_MAX, on a socket and in the swarm', () => {
    const meta = greatestMeta();
    const name = 'é'.repeat(LIMITS.nameBytesMax / 2);
    const id = 'ü'.repeat(LIMITS.nodeIdBytesMax / 2);
    const body = Body.of([]);
    const ttlMs = LIMITS.timeoutMsMax;
    const request: SocketFrame = { kind: 'request', id: ID_MAX, name, body, ttlMs, meta };
    const frame = frameTo('request', 'abcdefghijklmnop', id);
    const counter = Number.MAX_SAFE_INTEGER;
    const swarmFrame = { ...frame, node: id, id: counter, ttlMs, name, meta, body };
    expect(isMeta(meta)).toBe(true);
    expect(JSON.stringify(meta).length).toBeGreaterThan(9_000);

    const headers = [send(request), encodeSwarmFrame(swarmFrame)].map((bytes) => {
      return bytes.length - body.bytes.length;
    });

    expect(Math.max(...headers)).toBeLessThanOrEqual(HEADER_BYTES_MAX);
    expect(plain(receive(send(request)))).toEqual(plain(request));
  });

  it('bounds every text in it', () => {
    const padded = (spaces: number) => {
      const bytes = new HeaderWriter().byte(2).byte(0).text('x').end(new Uint8Array());
      const meta = encodeUtf8(`{${' '.repeat(spaces)}}`);
      const length = new HeaderWriter().varint(meta.length).end(meta);
      return receive(new Uint8Array([...bytes, ...length]));
    };

    expect(padded(HEADER_BYTES_MAX - 2)).toMatchObject({ kind: 'event', meta: {} });
    expect(padded(HEADER_BYTES_MAX - 1)).toMatchObject(malformed(null));
  });

  it('is not exceeded in silence', () => {
    for (const field of ['x'.repeat(127), 'é'.repeat(1_000)]) {
      const writer = new HeaderWriter();
      expect(() => {
        for (let i = 0; i < HEADER_BYTES_MAX; i += field.length) writer.text(field);
        writer.end(new Uint8Array());
      }).toThrow(RangeError);
    }
  });
});

describe('two ends', () => {
  it('converse in swarm.1, also with an end that speaks swarm.json', async () => {
    const server = await createServer();
    server.client.on('add', (_ctx, a, b) => Number(a) + Number(b));
    server.client.on('ask', (ctx, id) => ctx.node.remoteClient.send(String(id), 'greet', 'hé'));
    const join = async (id: string, dialect: Dialect) => {
      const [near, far] = PairedSocket.pair();
      const client = createClient(near, { dialect });
      client.on('greet', (ctx, text) => (text === 'hé' ? `${text} ${id}` : ctx.throw('what?')));
      await server.createNode(far, { id, dialect });
      return { client, near, far };
    };
    const ada = await join('ada', swarm1);
    const bob = await join('bob', swarmJson);

    expect(await ada.client.send('add', 1, 2)).toBe(3);
    expect(await ada.client.send('ask', 'bob')).toBe('hé bob');
    expect(await bob.client.send('ask', 'ada')).toBe('hé ada');
    expect(await server.remoteClient.send('ada', 'greet', 'hé')).toBe('hé ada');
    await expect(server.remoteClient.send('ada', 'greet', 'x')).rejects.toMatchObject({
      ...{ type: 'endpoint', message: 'what?' },
    });
    await expect(ada.client.send('nothing')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'unhandled', delivered: 'no' },
    });

    for (const message of [...ada.near.sent, ...ada.far.sent]) {
      expect(message).toBeInstanceOf(Uint8Array);
    }
    await server.close();
  });
});
