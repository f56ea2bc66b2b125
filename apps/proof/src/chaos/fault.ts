import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../brokers.ts';
import { pick, type Random } from '../random.ts';
import type { ActorHandle } from '../stage/handle.ts';
import type { Site } from '../stage/site.ts';
import type { Wire } from '../stage/wire.ts';

/** Where faults happen, and to whom. */
export interface Arena {
  readonly site: Site;
  readonly actors: readonly ActorHandle[];
  /** Of each actor, the id of a node that nobody chose. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly random: Random;
  /** Makes the broker short of memory, or no longer; null where that is no matter. */
  readonly alarm: ((on: boolean) => Promise<void>) | null;
  /** Of the broker, if it has several. */
  readonly servers: readonly Server[];
}

/** Something that goes wrong. */
export interface Fault {
  /** As the table has it. */
  readonly name: string;
  /** Whether nothing may fail because of it. */
  readonly isHarmless?: boolean;
  /** Resolves when network and broker are as they should be, with the actors that stood still. */
  readonly strike: (arena: Arena) => Promise<readonly string[]>;
  /** What is done when all have recovered, which nobody may notice. */
  readonly mend?: (arena: Arena) => Promise<void>;
}

/** How long what does not end by itself lasts, in ms. */
const LONG_MS = 5_000;
const LATENCY_MS = 500;
/** More than a broker keeps for a process that does not take it, as chaos has it configured. */
const FLOOD = { count: 60, chars: 400_000 };

/** The broker is killed, and started again after so long. */
export function killed(downMs: number): Fault {
  return {
    name: `broker killed (\`kill -9\`), down for ${downMs / 1_000} s`,
    strike: async ({ site }) => {
      await site.kill();
      await sleep(downMs);
      await site.restart();
      return [];
    },
  };
}

/** One server of a broker that has several is killed, and comes back when nobody misses it. */
export function serverKilled(index: number): Fault {
  const serverOf = ({ servers }: Arena) => servers[index % servers.length] as Server;
  return {
    name: SERVER_KILLED,
    strike: async (arena) => {
      await serverOf(arena).kill();
      return [];
    },
    mend: (arena) => serverOf(arena).restart(),
  };
}

export const SERVER_KILLED = 'one server of the broker killed (`kill -9`)';

export const PAUSED: Fault = {
  name: 'broker stopped (`SIGSTOP`) for 5 s',
  strike: async ({ site }) => {
    await site.pause();
    await sleep(LONG_MS);
    await site.resume();
    return [];
  },
};

export const RESET_ALL: Fault = {
  name: 'all connections reset',
  strike: async ({ actors }) => {
    for (const { wire } of actors) wire.cut();
    return [];
  },
};

export const RESET_ONE: Fault = {
  name: 'connections of one process reset',
  strike: async ({ actors, random }) => {
    pick(random, actors).wire.cut();
    return [];
  },
};

export const DROPPED_TO_BROKER: Fault = {
  name: 'one process cannot reach the broker for 5 s, but hears it',
  strike: (arena) => dropped(arena, (wire) => wire.dropToBroker()),
};

export const DROPPED_TO_CLIENT: Fault = {
  name: 'one process cannot hear the broker for 5 s, but reaches it',
  strike: (arena) => dropped(arena, (wire) => wire.dropToClient()),
};

export const SLOW: Fault = {
  name: '500 ms latency each way for 5 s',
  isHarmless: true,
  strike: async ({ actors }) => {
    for (const { wire } of actors) wire.delay(LATENCY_MS);
    await sleep(LONG_MS);
    for (const { wire } of actors) wire.delay(0);
    return [];
  },
};

export const FROZEN: Fault = {
  name: 'one process stopped (`SIGSTOP`) for 5 s',
  isHarmless: true,
  strike: async ({ actors, random }) => {
    const actor = pick(random, actors);
    await actor.freeze(LONG_MS);
    return besides(actor, actors);
  },
};

export const FLOODED: Fault = {
  name: 'one process stopped for 5 s, and flooded meanwhile',
  strike: async ({ actors, nodes, random }) => {
    const actor = pick(random, actors);
    const others = actors.filter((other) => other !== actor);
    const goesOn = actor.freeze(LONG_MS);
    const to = nodes.get(actor.name) ?? '';
    const flood = { do: 'flood', from: { side: 'server', client: null }, to, ...FLOOD } as const;
    for (const other of others) await other.do(flood);
    await goesOn;
    return besides(actor, actors);
  },
};

export const ALARMED: Fault = {
  name: 'broker out of memory for 5 s',
  strike: async ({ alarm }) => {
    await alarm?.(true);
    await sleep(LONG_MS);
    await alarm?.(false);
    return [];
  },
};

/** Who stands still with this actor, and itself: all that run in one process. */
function besides({ pid }: ActorHandle, actors: readonly ActorHandle[]): readonly string[] {
  return actors.filter((actor) => actor.pid === pid).map(({ name }) => name);
}

/** What was under way may arrive when the network is whole again, or be lost. */
async function dropped(
  { actors, random }: Arena,
  drop: (wire: Wire) => void,
): Promise<readonly string[]> {
  const { wire } = pick(random, actors);
  drop(wire);
  await sleep(LONG_MS);
  if (random() < 0.5) wire.cut();
  await wire.pass();
  return [];
}
