import { setTimeout as sleep } from 'node:timers/promises';
import type { Setup } from './protocol.ts';

const RETRY_MS = 100;

/** Called once for every request: with null, or with what went wrong. */
export type Done = (error: unknown) => void;

/** Make one request, and tell when it is answered; not from within the call. */
export type Ask = (done: Done) => void;

/** Do something once, at once: so little that many are timed together. */
export type Step = () => void;

/** The asking end of a case, ready. */
export type Asking =
  | {
      readonly ask: Ask;
      /** What comes before every run, and takes none of its time. */
      readonly prepare?: () => Promise<void>;
    }
  | { readonly step: Step };

/** The ends of a case, each for a process of its own; in a crowd every process is all of them. */
export interface Role {
  /** Start the answering end. Resolves with where the other one finds it. */
  readonly serve?: (setup: Setup) => Promise<string>;
  /** Start a client of that end, if it is the client who answers. Resolves with where it is. */
  readonly attach?: (setup: Setup) => Promise<string>;
  /** In a process of its own, or of a crowd, where each has served before. */
  readonly ask: (setup: Setup) => Promise<Asking>;
}

/** What is sent: text, so that all cases carry the same. */
export function payloadOf({ payloadBytes }: Setup): string {
  return 'The quick brown fox jumps over the lazy dog. '
    .repeat(payloadBytes)
    .slice(0, payloadBytes);
}

/** An `ask` of something that answers by a promise, with what it was given. */
export function byPromise(payload: string, call: () => Promise<unknown>): Asking {
  return {
    ask: (done) => {
      call().then((answer) => done(answer === payload ? null : wrong(answer)), done);
    },
  };
}

/** The same of something that does not tell when it is ready: it is asked until it answers. */
export async function onceReady(payload: string, call: () => Promise<unknown>): Promise<Asking> {
  for (let answer: unknown = null; answer !== payload; ) {
    answer = await call().catch(() => null);
    if (answer !== payload) await sleep(RETRY_MS);
  }
  return byPromise(payload, call);
}

export function wrong(answer: unknown): Error {
  return new Error(`a wrong answer: ${String(answer)}`);
}
