import * as z from 'zod/mini';
import { contract, fn } from '../src/index.ts';

/** Not the arena: `add` takes texts. */
export const other = contract({ node: { add: fn(z.string()).returns(z.string()) } });
