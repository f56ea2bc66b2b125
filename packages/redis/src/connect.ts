import type { LinkHost } from '@swarm/core';
import { type Address, createClient, type Place, type RedisOptions } from './client.ts';
import { failure } from './failure.ts';
import { RedisLink } from './link.ts';
import type { Elsewhere } from './shard.ts';

/** From dialing to the confirmed inbox, wherever that is in the end: the core waits no longer. */
const OPEN_TIMEOUT_MS = 3_000;

/** What a swarm connects with. */
export interface Target {
  readonly url: string;
  /** Any of them will do. */
  readonly addresses: readonly Address[];
  readonly options: RedisOptions;
}

/**
 * A link to the first server, in an order of chance, that can be used. A node of a Cluster may name
 * another one, which is then the next to be tried.
 *
 * @throws SwarmError with what was wrong with each of them.
 */
export async function connect(host: LinkHost, target: Target): Promise<RedisLink> {
  const { url, addresses, options } = target;
  const deadlineMs = performance.now() + OPEN_TIMEOUT_MS;
  const left = shuffled(addresses);
  const tried = new Set<string>();
  const causes: unknown[] = [];
  for (let address = left.pop(); address !== undefined; address = left.pop()) {
    if (tried.has(nameOf(address))) continue;
    tried.add(nameOf(address));
    // One that says nothing leaves as much time to each of the others.
    const share = (deadlineMs - performance.now()) / (left.length + 1);
    const dialed = address;
    try {
      const link = new RedisLink(host, url, () => createClient(dialed, options));
      const elsewhere = await link.open(Math.max(1, Math.ceil(share)));
      if (elsewhere === null) return link;
      left.push({ ...dialed, ...translated(elsewhere, dialed, options) });
    } catch (cause) {
      causes.push(cause);
    }
  }
  if (causes.length === 0) causes.push('every node says that another one is the primary');
  throw failure('closed', 'no', url, ...causes);
}

/** Where a node is from here. */
function translated({ host, port }: Elsewhere, asked: Place, { natMap }: RedisOptions): Place {
  const place = { host: host ?? asked.host, port };
  const name = nameOf(place);
  return (typeof natMap === 'function' ? natMap(name) : natMap?.[name]) ?? place;
}

function nameOf({ host, port }: Place): string {
  return `${host}:${port}`;
}

function shuffled<T>(items: readonly T[]): T[] {
  const drawn = items.map((item) => ({ item, lot: Math.random() }));
  return drawn.sort((a, b) => a.lot - b.lot).map(({ item }) => item);
}
