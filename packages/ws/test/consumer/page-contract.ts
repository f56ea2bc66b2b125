import { contract, event, fn } from '@swarm/core/client';
import * as z from 'zod/mini';

/** The same from the entry for clients, whose types must have names too. */
export const page = contract({
  node: {
    add: fn(z.number(), z.number()).returns(z.number()).throws({ FULL: z.null() }),
    clicked: event(z.number()),
  },
});
