import * as z from 'zod/mini';
import { contract, event, fn } from '../src/index.ts';

/** The contract of the contract tests: every feature once. Its type is exported as inferred. */
export const arena = contract(
  {
    node: {
      add: fn(z.number(), z.number()).returns(z.number()),
      divide: fn(z.number(), z.number())
        .returns(z.number())
        .throws({ DIVIDE_BY_ZERO: z.object({ dividend: z.number() }), OVERFLOW: z.string() }),
      greet: fn(z.string(), z.optional(z.string())).returns(z.string()),
      length: fn(
        z.pipe(
          z.string(),
          z.transform((text) => text.length),
        ),
      ).returns(
        z.pipe(
          z.number(),
          z.transform((count) => `${count} characters`),
        ),
      ),
      orders: { create: fn(z.object({ item: z.string() })).returns(z.string()), gone: event() },
      clicked: event(z.number(), z.number()),
      untold: fn(),
    },
    client: {
      alert: fn(z.string()).returns(z.boolean()).throws({ BUSY: z.null() }),
      moved: event(z.number(), z.number()),
    },
    server: { load: fn().returns(z.number()), shutdown: event(z.string()) },
  },
  { name: 'arena', version: '1.0.0' },
);
