import type { Entry } from '../trace.ts';
import type { ActorOptions, Command } from './command.ts';

/** What is sent to a process that runs an actor: how to be one, and then what to do. */
export type Order =
  | { readonly start: ActorOptions }
  | { readonly id: number; readonly command: Command };

/** What it sends back. */
export type Report =
  | { readonly kind: 'started' }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
