import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { encodeBatch, splitBatch } from '../src/batch.ts';
import { Body } from '../src/body.ts';
import { encodeUtf8 } from '../src/codec.ts';
import { ERROR_SUBTYPES, SwarmError } from '../src/errors.ts';
import {
  type Dialect,
  type MalformedFrame,
  type Message,
  RESERVED_KINDS,
  type SocketFrame,
} from '../src/frame.ts';
import { swarmJson } from '../src/json-dialect.ts';
import { SOCKET_KINDS, swarm1 } from '../src/swarm-dialect.ts';
import {
  decodeMessage,
  encodeSwarmFrame,
  SWARM_KINDS,
  type SwarmFrame,
  TARGET_KINDS,
  VIAS,
} from '../src/swarm-frame.ts';
import { decodeLone } from './hosts.ts';

// The files speak for themselves, so that another language can replay them; see spec/protocol.md.

const hex = z.pipe(
  z.string().check(z.regex(/^([0-9a-f]{2})*$/)),
  z.transform((text: string) => new Uint8Array(Buffer.from(text, 'hex'))),
);
const body = z.union([
  z.pipe(
    z.strictObject({ encoding: z.literal(0), value: z.unknown() }),
    z.transform(({ value }) => Body.of(value)),
  ),
  z.pipe(
    z.strictObject({ encoding: z.int(), bytes: hex, refused: z.enum(['invalid', 'incompatible']) }),
    z.transform(({ bytes, encoding }) => Body.received(bytes, encoding)),
  ),
]);
const meta = z.prefault(z.optional(z.record(z.string(), z.string())), undefined);
const id = z.union([z.string(), z.int()]);
const error = z.pipe(
  z.strictObject({
    type: z.enum(['endpoint', 'protocol']),
    subtype: z.nullable(z.enum(ERROR_SUBTYPES)),
    message: z.string(),
    data: z.unknown(),
    code: z.nullable(z.string()),
    delivered: z.enum(['no', 'unknown', 'yes']),
  }),
  z.transform(({ message, type: _, ...options }) => new SwarmError(message, options)),
);
const contract = z.strictObject({ name: z.string(), version: z.string(), hash: z.string() });
const socketFrame = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('init'),
    info: z.strictObject({ node: z.optional(z.string()), contract: z.optional(contract) }),
  }),
  z.strictObject({
    ...{ kind: z.literal('request'), id, name: z.string(), body, meta },
    ttlMs: z.prefault(z.optional(z.number()), undefined),
  }),
  z.strictObject({ kind: z.literal('event'), name: z.string(), body, meta }),
  z.strictObject({ kind: z.literal('response'), id, body }),
  z.strictObject({ kind: z.literal('error'), id: z.nullable(id), error }),
  z.strictObject({ kind: z.literal('cancel'), id }),
  z.strictObject({ kind: z.literal(['ping', 'pong']), id }),
  z.strictObject({ kind: z.literal('close'), code: z.int(), reason: z.string() }),
]);
const swarmFrame = z.strictObject({
  kind: z.enum(SWARM_KINDS),
  target: z.enum(TARGET_KINDS),
  to: z.string(),
  process: z.string(),
  node: z.nullable(z.string()),
  id: z.int(),
  ttlMs: z.int(),
  via: z.enum(VIAS),
  name: z.string(),
  meta,
  body,
});

const canonical = z.prefault(z.optional(z.boolean()), true);
const about = {
  name: z.string(),
  text: z.optional(z.string()),
  bytes: z.optional(hex),
};
const malformed = z.strictObject({
  subtype: z.enum(['invalid', 'incompatible']),
  id: z.nullable(id),
});
const socketVectors = z.array(
  z.union([
    z.strictObject({ ...about, frame: socketFrame, canonical }),
    z.strictObject({ ...about, malformed }),
    z.strictObject({ ...about, ignored: z.literal(true) }),
  ]),
);
const unknown = z.strictObject({
  subtype: z.literal('incompatible'),
  id: z.int(),
  process: z.string(),
  to: z.string(),
});
const swarmVectors = z.array(
  z.union([
    z.strictObject({ name: z.string(), bytes: hex, frame: swarmFrame, canonical }),
    z.strictObject({ name: z.string(), bytes: hex, malformed: unknown }),
    z.strictObject({ name: z.string(), bytes: hex, dropped: z.literal(true) }),
  ]),
);
const messageVectors = z.array(
  z.strictObject({
    name: z.string(),
    bytes: hex,
    frames: z.array(
      z.union([swarmFrame, z.strictObject({ unknown: z.omit(unknown, { subtype: true }) })]),
    ),
    canonical,
  }),
);
const batchVectors = z.array(
  z.strictObject({ name: z.string(), bytes: hex, frames: z.array(hex), canonical }),
);

function read(file: string): unknown {
  const url = new URL(`../../../spec/vectors/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/** A body as a vector says it. */
function plainBody(of: Body): unknown {
  const { encoding } = of;
  try {
    return { encoding, value: of.value };
  } catch (thrown) {
    const { subtype } = SwarmError.is(thrown) ? thrown : { subtype: String(thrown) };
    return { encoding, bytes: Buffer.from(of.bytes).toString('hex'), refused: subtype };
  }
}

/** A frame as a vector says it. */
function plain(frame: SocketFrame | MalformedFrame | SwarmFrame): unknown {
  if (frame.kind === 'malformed') return { subtype: frame.error.subtype, id: frame.id };
  if ('body' in frame) return { ...frame, body: plainBody(frame.body) };
  if (!('error' in frame)) return frame;
  const { type, subtype, message, data, code, delivered } = frame.error;
  return { ...frame, error: { type, subtype, message, data, code, delivered } };
}

function messageOf(vector: { text?: string | undefined; bytes?: Uint8Array | undefined }): Message {
  const message = vector.text ?? vector.bytes;
  if (message === undefined || (vector.text !== undefined && vector.bytes !== undefined)) {
    throw new TypeError('a vector has either text or bytes');
  }
  return message;
}

describe.each([
  ['swarm.json', swarmJson],
  ['swarm.1', swarm1],
] as const)('the vectors of %s', (name: string, dialect: Dialect) => {
  const vectors = socketVectors.parse(read(`${name}.json`));

  it('are received as they say', () => {
    for (const vector of vectors) {
      const expected =
        'ignored' in vector ? [] : [plain('frame' in vector ? vector.frame : blamed(vector))];
      expect.soft(dialect.receive(messageOf(vector)).map(plain), vector.name).toEqual(expected);
    }
  });

  it('are what is sent, to the byte, where they are canonical, and only there', () => {
    for (const vector of vectors) {
      if (!('frame' in vector)) continue;
      const verdict = vector.canonical ? expect.soft : not;
      verdict(dialect.send(vector.frame), vector.name).toEqual([messageOf(vector)]);
    }
  });

  it('have names of their own, and cover every kind', () => {
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
    const frames = vectors.flatMap((vector) => ('frame' in vector ? [vector.frame] : []));
    const kinds = new Set<string>(frames.map((frame) => frame.kind));
    expect([...kinds, ...RESERVED_KINDS].toSorted()).toEqual(SOCKET_KINDS.toSorted());
    const subtypes = frames.flatMap((frame) => (frame.kind === 'error' ? frame.error.subtype : []));
    expect(new Set(subtypes)).toEqual(new Set([null, ...ERROR_SUBTYPES]));
  });
});

function not(value: unknown, name: string) {
  return expect.soft(value, name).not;
}

function blamed(vector: { readonly malformed: z.infer<typeof malformed> }): MalformedFrame {
  const { subtype, id } = vector.malformed;
  return { kind: 'malformed', id, error: new SwarmError('', { subtype }) };
}

describe('the vectors of swarm.json', () => {
  it('are received as binary messages too', () => {
    for (const vector of socketVectors.parse(read('swarm.json.json'))) {
      if (vector.text === undefined) continue;
      const frames = [vector.text, encodeUtf8(vector.text)].map((message) => {
        return swarmJson.receive(message).map(plain);
      });
      expect.soft(frames[1], vector.name).toEqual(frames[0]);
    }
  });
});

describe('the vectors of swarm frames', () => {
  const vectors = swarmVectors.parse(read('swarm-frame.json'));

  it('are decoded as they say', () => {
    for (const vector of vectors) {
      const frame = decodeLone(vector.bytes);
      const decoded = frame === null ? null : plain(frame);
      const expected = 'frame' in vector ? plain(vector.frame) : null;
      expect.soft(decoded, vector.name).toEqual(expected);
    }
  });

  it('are answered as they say where they are no frame, and only there', () => {
    for (const vector of vectors) {
      const [told] = decodeMessage(vector.bytes);
      const { process, to, id } = told ?? {};
      const answer = told?.kind === 'unknown' ? { subtype: 'incompatible', process, to, id } : null;
      const expected = 'malformed' in vector ? vector.malformed : null;
      expect.soft(answer, vector.name).toEqual(expected);
    }
  });

  it('are what is encoded, to the byte, where they are canonical, and only there', () => {
    for (const vector of vectors) {
      if (!('frame' in vector)) continue;
      const verdict = vector.canonical ? expect.soft : not;
      verdict(encodeSwarmFrame(vector.frame), vector.name).toEqual(vector.bytes);
    }
  });

  it('have names of their own, and cover every kind, target and via', () => {
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
    const frames = vectors.flatMap((vector) => ('frame' in vector ? [vector.frame] : []));
    expect(new Set(frames.map(({ kind }) => kind))).toEqual(new Set(SWARM_KINDS));
    expect(new Set(frames.map(({ target }) => target))).toEqual(new Set(TARGET_KINDS));
    expect(new Set(frames.map(({ via }) => via))).toEqual(new Set(VIAS));
  });
});

describe('the vectors of messages', () => {
  const vectors = messageVectors.parse(read('swarm-message.json'));

  it('are decoded as they say', () => {
    for (const { bytes, frames, name } of vectors) {
      const expected = frames.map((frame) => {
        return 'unknown' in frame ? { kind: 'unknown', ...frame.unknown } : plain(frame);
      });
      const decoded = decodeMessage(bytes).map((frame) => {
        return frame.kind === 'unknown' ? frame : plain(frame);
      });
      expect.soft(decoded, name).toEqual(expected);
    }
  });

  it('are what is sent, to the byte, where they are canonical, and only there', () => {
    for (const { frames, canonical, bytes, name } of vectors) {
      const known = frames.flatMap((frame) => ('unknown' in frame ? [] : [frame]));
      const verdict = canonical ? expect.soft : not;
      const encoded = known.map((frame, at) => encodeSwarmFrame(frame, known[at - 1]));
      verdict(encodeBatch(encoded), name).toEqual(bytes);
    }
  });

  it('have names of their own', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });
});

describe('the vectors of batches', () => {
  const vectors = batchVectors.parse(read('swarm-batch.json'));

  it('are split as they say', () => {
    for (const vector of vectors) {
      expect.soft(splitBatch(vector.bytes), vector.name).toEqual(vector.frames);
    }
  });

  it('are what is sent, to the byte, where they are canonical, and only there', () => {
    for (const { frames, canonical, bytes, name } of vectors) {
      const [first] = frames;
      if (first === undefined) continue;
      const verdict = canonical ? expect.soft : not;
      verdict(frames.length === 1 ? first : encodeBatch(frames), name).toEqual(bytes);
    }
  });

  it('have names of their own', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });
});
