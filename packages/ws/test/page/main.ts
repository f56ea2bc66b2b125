import { type Client, SwarmError } from '@swarm/core/client';
import { connect } from '@swarm/ws';
import { type Arena, arena } from './contract.ts';

declare const location: { readonly search: string };

/** What the tests do within the page. */
export interface TestPage {
  readonly client: Client<Arena>;
  /** What the client's events told, in order: `open`, `close 1006`, `reconnecting 1`. */
  readonly told: readonly string[];
  /** Resolves when `told` has so many lines that begin so. */
  heard(start: string, times: number): Promise<void>;
  /** How a call ended, as something that can leave the page. */
  outcome(call: Promise<unknown>): Promise<Outcome>;
  /** The same, or null if the call has not ended before the page's next task. */
  outcomeAtOnce(call: Promise<unknown>): Promise<Outcome | null>;
  /** How many timers were ever set. */
  timersSet(): number;
}

export type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | Pick<SwarmError, 'type' | 'subtype' | 'code' | 'delivered' | 'data'>
  | { readonly foreign: string };

declare global {
  var testPage: TestPage;
}

let timers = 0;
const setPlainTimer = globalThis.setTimeout;
Object.defineProperty(globalThis, 'setTimeout', {
  value: (...args: Parameters<typeof setPlainTimer>) => {
    timers += 1;
    return setPlainTimer(...args);
  },
});

const client = connect(`/swarm${location.search}`, {
  contract: arena,
  backoffBaseMs: 100,
  backoffCapMs: 400,
});
const told: string[] = [];
const waiting = new Set<() => void>();

function tell(line: string): void {
  told.push(line);
  for (const check of waiting) check();
}

function heard(start: string, times: number): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (told.filter((line) => line.startsWith(start)).length < times) return;
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
  });
}

async function outcome(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, result: await call };
  } catch (error) {
    if (!SwarmError.is(error)) return { foreign: String(error) };
    const { type, subtype, code, delivered, data } = error;
    return { type, subtype, code, delivered, data };
  }
}

function outcomeAtOnce(call: Promise<unknown>): Promise<Outcome | null> {
  const nextTask = new Promise<null>((resolve) => setTimeout(() => resolve(null), 0));
  return Promise.race([outcome(call), nextTask]);
}

client.events.on('open', () => tell('open'));
client.events.on('close', ({ code }) => tell(`close ${code}`));
client.events.on('reconnecting', ({ attempt }) => tell(`reconnecting ${attempt}`));
client.events.on('failed', ({ subtype }) => tell(`failed ${subtype}`));
client.on('held', () => {
  tell('held');
  return null;
});

globalThis.testPage = { client, told, heard, outcome, outcomeAtOnce, timersSet: () => timers };
