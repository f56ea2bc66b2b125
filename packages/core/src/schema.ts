import * as z from 'zod/mini';
import { fitsUtf8 } from './codec.ts';
import type { WireMessage } from './guard.ts';
import { LIMITS } from './limits.ts';

/**
 * The `swarm.json` dialect as schemas: the specification, and the oracle the hand-written guard is
 * tested against. Nothing on the way of a frame imports this file.
 */
const utf8 = (bytesMax: number) =>
  z.string().check(
    z.minLength(1),
    z.refine((text) => fitsUtf8(text, bytesMax)),
    z.regex(/^\P{Surrogate}*$/u),
  );

const wireId = z.union([
  z.string().check(z.maxLength(LIMITS.correlationIdCharsMax)),
  z.int().check(z.nonnegative()),
]);

const meta = z.record(z.string(), z.string()).check(
  z.refine((value) => {
    const texts = Object.entries(value).flat();
    return fitsUtf8(texts.join(''), LIMITS.metaBytesMax);
  }),
);

const call = {
  name: utf8(LIMITS.nameBytesMax),
  args: z.optional(z.unknown()),
  meta: z.optional(meta),
};

const exchange = { correlationId: wireId };

export const wireMessageSchema: z.ZodMiniType<WireMessage> = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal(['init', 'close']) }),
  z.looseObject({ type: z.literal(['ping', 'pong', 'cancel']), ...exchange }),
  z.looseObject({
    type: z.literal('request'),
    ...exchange,
    ...call,
    ttlMs: z.optional(z.number().check(z.minimum(0), z.maximum(LIMITS.timeoutMsMax))),
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
