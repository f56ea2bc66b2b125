import { type Client, SwarmError } from '@swarm/core/client';
import type { Demo } from '../contract.ts';

export type Outcome = 'ok' | 'event' | 'error' | 'cancelled';

/** Something that went over this page's socket, and how it ended. */
export interface Entry {
  readonly kind: 'asked' | 'answered' | 'event';
  readonly name: string;
  readonly outcome: Outcome;
  /** What to call the outcome: `ok`, what the error is, or what happened. */
  readonly label: string;
  /** Null for an event, which nobody answers. */
  readonly ms: number | null;
}

/** Sees everything this page asks and is asked, and tells `log` of it. */
export class Trace {
  readonly #log: (entry: Entry) => void;

  constructor(log: (entry: Entry) => void) {
    this.#log = log;
  }

  /** Follow a call of ours to its end, which it does not change. */
  async call<T>(name: string, call: Promise<T>): Promise<T> {
    return await this.#follow('asked', name, () => call);
  }

  /** Follow what the node asks and tells this page, and the connection itself. */
  watch(client: Client<Demo>): void {
    const note = (name: string, outcome: Outcome, label: string) => {
      this.#log({ kind: 'event', name, outcome, label, ms: null });
    };
    client.events.on('open', () => note('connection', 'ok', 'open'));
    client.events.on('close', ({ code }) => note('connection', 'error', `closed ${code}`));
    client.use((ctx, next) => {
      const { name, args } = ctx;
      if (!ctx.isEvent) {
        return this.#follow('answered', `${name} ← ${args[1]}`, async () => next());
      }
      note(subjectOf(args), 'event', name);
      return next();
    });
  }

  async #follow<T>(kind: Entry['kind'], name: string, run: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const entry = () => ({ kind, name, ms: performance.now() - startMs });
    try {
      const result = await run();
      this.#log({ ...entry(), outcome: 'ok', label: 'ok' });
      return result;
    } catch (error) {
      const isCancelled = SwarmError.is(error) && error.subtype === 'cancelled';
      const outcome = isCancelled ? 'cancelled' : 'error';
      this.#log({ ...entry(), outcome, label: labelOf(error) });
      throw error;
    }
  }
}

export function labelOf(error: unknown): string {
  if (!SwarmError.is(error)) return 'mistake';
  return error.code ?? error.subtype ?? 'refused';
}

/** Whom or what an event is about. */
function subjectOf(args: readonly unknown[]): string {
  const names = args.map((arg) => {
    if (typeof arg !== 'object' || arg === null) return String(arg);
    if ('id' in arg) return String(arg.id);
    const isCutOff = 'isLinked' in arg && arg.isLinked === false;
    return 'server' in arg ? `on ${arg.server}${isCutOff ? ', cut off' : ''}` : '';
  });
  return names.join(' → ');
}
