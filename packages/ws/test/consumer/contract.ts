import { contract, event, fn } from '@swarm/core';
import * as z from 'zod/mini';

/** Exported as inferred, with `declaration`: its type must have a name outside the workspace. */
export const arena = contract({
  node: {
    add: fn(z.number(), z.number()).returns(z.number()),
    divide: fn(z.number(), z.number())
      .returns(z.number())
      .throws({ DIVIDE_BY_ZERO: z.object({ dividend: z.number() }) }),
    orders: { create: fn(z.object({ item: z.string() })).returns(z.string()) },
  },
  client: { alert: fn(z.string()).returns(z.boolean()), moved: event(z.number(), z.number()) },
  server: { load: fn().returns(z.number()) },
});
