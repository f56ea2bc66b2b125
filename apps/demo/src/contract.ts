import { contract, event, fn } from '@swarm/core/client';
import * as z from 'zod/mini';

/** How long a question waits for its answer, in ms: a person has to read it and type. */
export const ANSWER_MS = 20_000;

const id = z.string().check(z.minLength(1), z.maxLength(64));
const text = z.string().check(z.minLength(1), z.maxLength(200));
const serverName = z.enum(['a', 'b']);
const member = z.object({ id, server: serverName, isSimulated: z.boolean() });

/**
 * Why a question that a node passed on was not answered. A handler's own failed call reaches its
 * caller as that handler's refusal, so what is known of it has to be declared to travel along.
 */
const notAnswered = z.object({
  id,
  reason: z.string(),
  subtype: z.nullable(z.string()),
  delivered: z.enum(['no', 'unknown', 'yes']),
  hint: z.nullable(z.string()),
});

export type ServerName = z.infer<typeof serverName>;
export type Member = z.infer<typeof member>;

/** What the demo's servers, its page, its simulated clients and its check agree on. */
export const demo = contract(
  {
    node: {
      add: fn(z.number(), z.number()).returns(z.number()),
      divide: fn(z.number(), z.number())
        .returns(z.number())
        .throws({ DIVIDE_BY_ZERO: z.object({ dividend: z.number() }) }),
      whoami: fn().returns(member),
      roster: fn().returns(z.array(member)),
      ask: fn(id, text).returns(text).throws({ NOT_ANSWERED: notAnswered }),
      loadOf: fn(id).returns(z.number()).throws({ NOT_ANSWERED: notAnswered }),
      slow: fn(z.number().check(z.minimum(0), z.maximum(10_000))).returns(z.number()),
      /** Agreed on, and never implemented: what calls it learns who is to blame. */
      forecast: fn().returns(z.string()),
    },
    client: {
      /** `from` is the asking node's id, added by the node of the client that is asked. */
      question: fn(text, z.optional(id)).returns(text),
      joined: event(member),
      left: event(member),
      /** Somebody asked somebody else. */
      asked: event(id, id),
    },
    server: { load: fn().returns(z.number()) },
  },
  { name: 'demo', version: '1.0.0' },
);

export type Demo = typeof demo;
