import { contract, fn } from '@swarm/core/client';
import * as z from 'zod/mini';

/** What the page of the browser tests and its server agree on. */
export const arena = contract(
  {
    node: {
      add: fn(z.number(), z.number()).returns(z.number()),
      divide: fn(z.number(), z.number())
        .returns(z.number())
        .throws({ DIVIDE_BY_ZERO: z.object({ dividend: z.number() }) }),
      /** Asks the client of another node. */
      ask: fn(z.string(), z.string()).returns(z.string()),
      /** Is never answered; its client is asked `held` first. */
      hold: fn().returns(z.null()),
    },
    client: {
      /** `from` is added by the node of the client that is asked. */
      question: fn(z.string(), z.optional(z.string())).returns(z.string()),
      held: fn().returns(z.null()),
    },
  },
  { name: 'browser-test', version: '1.0.0' },
);

export type Arena = typeof arena;
