import * as z from 'zod/mini';
import { fitsUtf8 } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import type { WireMessage } from './guard.ts';
import type { Swarm1Header } from './swarm-dialect.ts';
import { SWARM_KINDS, type SwarmHeader, TARGET_KINDS, VIAS } from './swarm-frame.ts';

/**
 * What travels, as schemas: the specification of the `swarm.json` dialect, and of headers in the
 * `swarm.1` dialect and in the swarm. They are the oracle the hand-written guards are tested
 * against; nothing on the way of a frame imports this file.
 */
const utf8 = (bytesMax: number) =>
  z.string().check(
    z.minLength(1),
    z.refine((text) => fitsUtf8(text, bytesMax)),
    z.regex(/^\P{Surrogate}*$/u),
  );

const wireId = z.union([
  z.string().check(z.maxLength(END_LIMITS.correlationIdCharsMax)),
  z.int().check(z.nonnegative()),
]);

const meta = z.record(z.string(), z.string()).check(
  z.refine((value) => {
    const texts = Object.entries(value).flat();
    return fitsUtf8(texts.join(''), END_LIMITS.metaBytesMax);
  }),
);

/** RFC 6455 §7.4: 1004 to 1006 never travel, and what is left below 3000 is not assigned. */
const closeCode = z.union([
  z.int().check(z.minimum(1_000), z.maximum(1_003)),
  z.int().check(z.minimum(1_007), z.maximum(1_014)),
  z.int().check(z.minimum(3_000), z.maximum(4_999)),
]);

const call = {
  name: utf8(END_LIMITS.nameBytesMax),
  args: z.optional(z.unknown()),
  meta: z.optional(meta),
};

const exchange = { correlationId: wireId };

const reason = z.string().check(z.refine((text) => fitsUtf8(text, END_LIMITS.reasonBytesMax)));

export const wireMessageSchema: z.ZodMiniType<WireMessage> = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('init'),
    node: z.optional(utf8(END_LIMITS.nodeIdBytesMax)),
    contract: z.optional(
      z.looseObject({
        name: utf8(END_LIMITS.nameBytesMax),
        version: utf8(END_LIMITS.nameBytesMax),
        hash: utf8(END_LIMITS.nameBytesMax),
      }),
    ),
  }),
  z.looseObject({
    type: z.literal('close'),
    code: z.optional(closeCode),
    reason: z.optional(reason),
  }),
  z.looseObject({ type: z.literal(['ping', 'pong', 'cancel']), ...exchange }),
  z.looseObject({
    type: z.literal('request'),
    ...exchange,
    ...call,
    ttlMs: z.optional(z.number().check(z.minimum(0), z.maximum(END_LIMITS.timeoutMsMax))),
  }),
  z.looseObject({ type: z.literal('event'), ...call }),
  z.looseObject({ type: z.literal('response'), ...exchange, result: z.optional(z.unknown()) }),
  z.looseObject({
    type: z.literal('error'),
    correlationId: z.nullable(wireId),
    errorType: z.string(),
    errorSubtype: z.optional(z.nullable(z.string())),
    message: z.optional(z.string()),
    data: z.optional(z.unknown()),
    code: z.optional(z.nullable(z.string())),
    delivered: z.optional(z.enum(['no', 'unknown', 'yes'])),
  }),
]);

const counter = z.int().check(z.nonnegative());
const ttlMs = counter.check(z.maximum(END_LIMITS.timeoutMsMax));
// Errors are written with their id plus one, which has to be a safe integer too.
const counterId = counter.check(z.lt(Number.MAX_SAFE_INTEGER));
const counted = { id: counterId };
const headerMeta = z.union([meta, z.undefined()]);
const named = { name: call.name, meta: headerMeta };

export const swarm1HeaderSchema: z.ZodMiniType<Swarm1Header> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('init') }),
  z.object({
    kind: z.literal('request'),
    ...counted,
    ttlMs: z.union([ttlMs, z.undefined()]),
    ...named,
  }),
  z.object({ kind: z.literal('event'), ...named }),
  z.object({ kind: z.literal(['response', 'cancel', 'ping', 'pong']), ...counted }),
  z.object({ kind: z.literal('error'), id: z.nullable(counterId) }),
  z.object({ kind: z.literal('close'), code: closeCode, reason }),
]);

const nodeId = utf8(END_LIMITS.nodeIdBytesMax);

export const swarmHeaderSchema: z.ZodMiniType<SwarmHeader> = z
  .object({
    kind: z.enum(SWARM_KINDS),
    target: z.enum(TARGET_KINDS),
    to: z.string(),
    process: z.string().check(z.regex(/^[a-z2-7]{16}$/)),
    node: z.nullable(nodeId),
    id: counter,
    ttlMs,
    via: z.enum(VIAS),
    name: z.string(),
    meta: headerMeta,
  })
  .check(
    z.refine(({ target, to }) => (target === 'process' ? to === '' : nodeId.safeParse(to).success)),
    z.refine(({ kind, name }) => {
      const isCall = kind === 'request' || kind === 'event';
      return isCall ? call.name.safeParse(name).success : name === '';
    }),
  );
