import * as z from 'zod/mini';
import { contract, event, fn } from '../src/index.ts';

const short = z.string().check(z.maxLength(3));

/** Rules that no type can say, so that handlers and callers break them at run time only. */
export const rules = contract({
  node: {
    say: fn(short, z.optional(short)).returns(short),
    place: fn(z.object({ at: z.object({ x: z.int() }) })),
    maybe: fn(z.optional(z.number())).returns(z.optional(z.number())),
    shout: event(short),
  },
  client: { ask: fn(short).returns(short), hear: event(short) },
  server: { load: fn(short).returns(short), told: event(short) },
});
