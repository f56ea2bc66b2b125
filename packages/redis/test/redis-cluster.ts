import type { Broker, BrokerCluster } from '@swarm/conformance/brokers';
import { expect } from 'vitest';
import { admin } from './fixture.ts';

/** Who has a namespace. */
export interface Shard {
  readonly slot: number;
  readonly primary: Broker;
  readonly replica: Broker;
  /** The primaries of the others. */
  readonly others: readonly Broker[];
}

/** As the first node that answers has it. */
export async function shardOf(cluster: BrokerCluster, namespace: string): Promise<Shard> {
  const clients = cluster.nodes.map(admin);
  const watch = await Promise.any(clients.map((client) => client.ping().then(() => client)));
  const slot = await watch.cluster('KEYSLOT', `{${namespace}}`);
  const owners = (await watch.cluster('SLOTS')).flatMap(([from, to, owner]) =>
    owner === undefined
      ? []
      : [{ isOurs: from <= slot && slot <= to, port: owner[1], id: owner[2] }],
  );
  const ours = owners.find(({ isOurs }) => isOurs);
  if (ours === undefined) throw new Error(`nobody has slot ${slot}`);
  const replicas = String(await watch.cluster('REPLICAS', ours.id));
  return {
    slot,
    primary: nodeAt(cluster, ours.port),
    replica: nodeAt(cluster, Number(/:(\d+)@/.exec(replicas)?.[1])),
    others: [...new Set(owners.map(({ port }) => port))]
      .filter((port) => port !== ours.port)
      .map((port) => nodeAt(cluster, port)),
  };
}

function nodeAt({ nodes }: BrokerCluster, port: number): Broker {
  const node = nodes.find((candidate) => candidate.port === port);
  if (node === undefined) throw new Error(`no node has port ${port}`);
  return node;
}

/**
 * The replica becomes the primary, while all connections stay. It is asked until it has done so:
 * soon after another failover it may win no votes.
 */
export async function handOver({ primary, replica }: Shard): Promise<void> {
  const [old, next] = [admin(primary), admin(replica)];
  const turn = async () => {
    const [role] = await next.role();
    if (String(role) === 'slave') await next.cluster('FAILOVER');
    return String((await old.role())[0]);
  };
  await expect.poll(turn, { interval: 500, timeout: 20_000 }).toBe('slave');
}

/** As a slot is moved when it has no keys. */
export async function moveSlot(slot: number, from: Broker, to: Broker): Promise<void> {
  const [source, target] = [admin(from), admin(to)];
  const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')];
  await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
  await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
  for (const client of [target, source]) await client.cluster('SETSLOT', slot, 'NODE', targetId);
}

/** Channels that somebody at this node is subscribed to. */
export async function channelsAt(node: Broker): Promise<readonly string[]> {
  const channels = await admin(node).pubsub('SHARDCHANNELS');
  return channels.map(String).toSorted();
}
