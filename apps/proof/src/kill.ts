import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from './actor/command.ts';
import { Log } from './kills/log.ts';
import { judge, type Verdict } from './kills/verdict.ts';
import { type Random, randomOf, shuffled } from './random.ts';
import type { ActorHandle } from './stage/handle.ts';
import type { Site } from './stage/site.ts';
import { nowMs } from './trace.ts';

/** How often to kill the broker, and by which chance. */
export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
}

/** One kill: how long the broker was down, and what came after that. */
export interface Kill {
  readonly downMs: number;
  /** Of each pair of processes, in each direction: from a broker that accepts to an answer. */
  readonly recoveryMs: readonly number[];
}

export interface KillReport {
  readonly kills: readonly Kill[];
  readonly verdict: Verdict;
  readonly messages: number;
}

const ACTORS = ['a', 'b', 'c'] as const;
const REQUESTS_PER_SECOND = 200;
/** Long, because no request has to wait for its end: a link that is lost settles what was on it. */
const TIMEOUT_MS = 10_000;
/** Longest time that a handler takes, so that there are always some that still run. */
const LINGER_MS_MAX = 100;
/** The broker is down for up to so long, */
const DOWN_MS_MAX = 3_000;
/** and after everybody has recovered it stays up for so long, in the mean. */
const UP_MS = 1_200;

/**
 * Kills the broker of three processes again and again, while these ask each other all the time.
 * What they ask, and when the broker is killed and restarted, is decided by the seed.
 */
export async function killRepeatedly(site: Site, options: KillOptions): Promise<KillReport> {
  const log = new Log();
  const actors: ActorHandle[] = [];
  try {
    for (const name of ACTORS) {
      const start = { name, url: site.url, namespace: 'kill', takeover: 'newest' as const };
      actors.push(await site.start({ ...start, isDoubling: false }, (entry) => log.add(entry)));
    }
    await startTraffic(actors, options.seed);
    const kills: Kill[] = [];
    const killsMs: number[] = [];
    for (const { upMs, downMs } of planOf(randomOf(options.seed), options.kills)) {
      await sleep(upMs);
      killsMs.push(nowMs());
      kills.push({ downMs, recoveryMs: await kill(site, log, downMs) });
    }
    await sleep(UP_MS);
    await all(actors, { do: 'halt' });
    const counts = await all(actors, { do: 'count' });
    const messages = counts.reduce<number>((sum, count) => sum + Number(count), 0);
    return { kills, verdict: judge(log.trace, killsMs), messages };
  } finally {
    await Promise.all(actors.map((actor) => actor.end()));
  }
}

/** Two clients for every actor, one of them with a chosen id; everybody asks for all of them. */
async function startTraffic(actors: readonly ActorHandle[], seed: number): Promise<void> {
  const targets: string[] = [];
  for (const actor of actors) {
    for (const id of [null, `${actor.name}-chosen`]) {
      const client = id ?? `${actor.name}-generated`;
      targets.push(String(await actor.do({ do: 'connect', client, id })));
    }
  }
  for (const [index, actor] of actors.entries()) {
    const plan = { targets, timeoutMs: TIMEOUT_MS, lingerMsMax: LINGER_MS_MAX };
    const requestsPerSecond = REQUESTS_PER_SECOND / actors.length;
    const own = { ...plan, requestsPerSecond, seed: seed * actors.length + index };
    await actor.do({ do: 'traffic', plan: own });
  }
}

/** Down times are spread evenly, and come in an order of chance. */
function planOf(random: Random, kills: number): readonly { upMs: number; downMs: number }[] {
  const spread = Array.from({ length: kills }, (_, index) => {
    return Math.round((DOWN_MS_MAX * index) / Math.max(1, kills - 1));
  });
  return shuffled(random, spread).map((downMs) => ({ downMs, upMs: (0.5 + random()) * UP_MS }));
}

async function kill(site: Site, log: Log, downMs: number): Promise<readonly number[]> {
  await site.kill();
  await sleep(downMs);
  await site.restart();
  return log.recovery(nowMs(), ACTORS.length * (ACTORS.length - 1));
}

async function all(actors: readonly ActorHandle[], command: Command): Promise<readonly unknown[]> {
  return Promise.all(actors.map((actor) => actor.do(command)));
}
