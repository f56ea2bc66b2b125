import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../actor/command.ts';
import { randomOf } from '../random.ts';
import type { ActorHandle } from '../stage/handle.ts';
import type { Site } from '../stage/site.ts';
import { type Entry, nowMs } from '../trace.ts';
import type { Arena, Fault } from './fault.ts';
import type { Incident } from './incident.ts';
import { Log } from './log.ts';

/** What happened, and what went wrong when. */
export interface ChaosRun {
  readonly trace: readonly Entry[];
  readonly incidents: readonly Incident[];
  /** Handed to the broker. */
  readonly messages: number;
}

interface ChaosOptions extends Partial<Pick<Arena, 'alarm' | 'servers'>> {
  readonly seed: number;
}

/** Long, because no request has to wait for its end: a link that is lost settles what was on it. */
export const TIMEOUT_MS = 10_000;

const ACTORS = ['a', 'b', 'c'] as const;
const REQUESTS_PER_SECOND = 200;
/** Longest time that a handler takes, so that there are always some that still run. */
const LINGER_MS_MAX = 100;
/** After everybody has recovered, nothing goes wrong for so long, in the mean. */
const PEACE_MS = 1_200;
/** In the end every request has been settled for so long that there is no doubt. */
const END_MS = 2_000;

/**
 * One fault after another, while three processes ask each other all the time. What they ask, and
 * when the faults come, is decided by the seed.
 */
export async function runChaos(
  site: Site,
  faults: readonly Fault[],
  { seed, alarm = null, servers = [] }: ChaosOptions,
): Promise<ChaosRun> {
  const log = new Log();
  const actors: ActorHandle[] = [];
  try {
    for (const name of ACTORS) {
      const plan = { name, namespace: 'chaos', takeover: 'newest', isDoubling: false } as const;
      actors.push(await site.start(plan, (entry) => log.add(entry)));
    }
    const random = randomOf(seed);
    const nodes = await startTraffic(actors, seed);
    const arena = { site, actors, nodes, random, alarm, servers };
    const incidents: Incident[] = [];
    for (const fault of faults) {
      await sleep((0.5 + random()) * PEACE_MS);
      incidents.push(await suffer(fault, arena, log));
    }
    await sleep(PEACE_MS);
    // One that is never settled must not be waited for without end.
    await Promise.race([all(actors, { do: 'halt' }), sleep(TIMEOUT_MS + END_MS)]);
    const counts = await all(actors, { do: 'count' });
    const messages = counts.reduce<number>((sum, count) => sum + Number(count), 0);
    return { trace: log.trace, incidents, messages };
  } finally {
    await Promise.all(actors.map((actor) => actor.end()));
  }
}

async function suffer(fault: Fault, arena: Arena, log: Log): Promise<Incident> {
  const { name, isHarmless = false, strike, mend } = fault;
  const fromMs = nowMs();
  const frozen = await strike(arena);
  const span = { fromMs, toMs: nowMs() };
  const recoveryMs = await log.recovery(span.toMs, ACTORS.length * (ACTORS.length - 1));
  await mend?.(arena);
  return { fault: name, span, isHarmless, frozen, recoveryMs };
}

/**
 * Two clients for every actor, one of them with a chosen id; everybody asks for all of them.
 * Answers the ids that nobody chose.
 */
async function startTraffic(
  actors: readonly ActorHandle[],
  seed: number,
): Promise<ReadonlyMap<string, string>> {
  const targets: string[] = [];
  const nodes = new Map<string, string>();
  for (const actor of actors) {
    const client = `${actor.name}-generated`;
    const node = String(await actor.do({ do: 'connect', client, id: null }));
    const id = `${actor.name}-chosen`;
    await actor.do({ do: 'connect', client: id, id });
    nodes.set(actor.name, node);
    targets.push(node, id);
  }
  for (const [index, actor] of actors.entries()) {
    const plan = {
      targets,
      timeoutMs: TIMEOUT_MS,
      lingerMsMax: LINGER_MS_MAX,
      requestsPerSecond: REQUESTS_PER_SECOND / actors.length,
      seed: seed * actors.length + index,
    };
    await actor.do({ do: 'traffic', plan });
  }
  return nodes;
}

async function all(actors: readonly ActorHandle[], command: Command): Promise<readonly unknown[]> {
  return Promise.all(actors.map((actor) => actor.do(command)));
}
