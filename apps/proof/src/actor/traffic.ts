import { pick, type Random, randomOf } from '../random.ts';
import { nowMs } from '../trace.ts';
import type { Ask, TrafficPlan } from './command.ts';

/** How often it is seen what is due, in ms. */
const EVERY_MS = 5;

/** Who makes the requests of a plan. */
export interface Crowd {
  readonly actor: string;
  readonly clients: readonly string[];
}

/** Requests of all kinds in all directions, as a plan wants them, whatever becomes of them. */
export class Traffic {
  readonly #timer: NodeJS.Timeout;
  #made = 0;

  constructor({ actor, clients }: Crowd, plan: TrafficPlan, ask: (ask: Ask) => void) {
    const startMs = nowMs();
    const random = randomOf(plan.seed);
    this.#timer = setInterval(() => {
      const due = Math.floor(((nowMs() - startMs) / 1_000) * plan.requestsPerSecond);
      for (; this.#made < due; this.#made += 1) {
        ask({ label: `${actor}.${this.#made}`, ...draw(random, plan, clients) });
      }
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The next request of the plan. */
function draw(
  random: Random,
  { targets, timeoutMs, lingerMsMax }: TrafficPlan,
  clients: readonly string[],
): Omit<Ask, 'label'> {
  const kind = pick(random, ['client', 'server', 'remoteClient'] as const);
  const client = pick(random, clients);
  const to = pick(random, targets);
  const isFirst = random() < 0.5;
  const what = { kind, name: 'linger', args: [Math.floor(random() * lingerMsMax)], timeoutMs };
  if (kind === 'client') return { ...what, side: isFirst ? 'client' : 'node', client, to: null };
  return isFirst
    ? { ...what, side: 'node', client, to }
    : { ...what, side: 'server', client: null, to };
}
