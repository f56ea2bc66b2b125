import { contract, event, fn } from '@swarm/core/client';
import * as z from 'zod/mini';

/** How long a question waits for its answer, in ms: a person has to read it and type. */
export const ANSWER_MS = 20_000;

const id = z.string().check(z.minLength(1), z.maxLength(64));
const text = z.string().check(z.minLength(1), z.maxLength(200));
const serverName = z.enum(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
const pid = z.number();
const member = z.object({ id, server: serverName, isSimulated: z.boolean() });

/** What a server tells the others of itself. */
const presence = z.object({ pid, members: z.array(member) });

/** Where a node lives, and how its server reaches the others. */
const place = z.object({
  server: serverName,
  /** All servers; one without a process does not answer. */
  servers: z.array(z.object({ name: serverName, pid: z.nullable(pid) })),
  swarm: z.string(),
  isLinked: z.boolean(),
  /** How often the broken link was tried to mend. */
  attempt: z.number(),
});

const load = z.object({ server: serverName, pid, clients: z.number() });

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
export type Load = z.infer<typeof load>;
export type Place = z.infer<typeof place>;

/** In the order in which they are taken. */
export const SERVER_NAMES: readonly ServerName[] = serverName.options;

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
      loadOf: fn(id).returns(load).throws({ NOT_ANSWERED: notAnswered }),
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
      /** At once, and whenever it changes. */
      place: event(place),
    },
    server: {
      load: fn().returns(load),
      /** The servers among themselves: see the hub. */
      presence: fn(serverName).returns(presence),
      joined: event(member),
      left: event(member),
      asked: event(id, id),
    },
  },
  { name: 'demo', version: '1.0.0' },
);

export type Demo = typeof demo;
