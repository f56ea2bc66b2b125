import { type Client, greet } from './client.ts';

/** What a link calls its channels, and how it commands them. */
export interface Channels {
  /** Of the name of each; the subject follows. */
  readonly prefix: string;
  readonly publish: 'publish' | 'spublish';
  readonly subscribe: 'subscribe' | 'ssubscribe';
  readonly unsubscribe: 'unsubscribe' | 'sunsubscribe';
  /** The event of ioredis. */
  readonly message: 'messageBuffer' | 'smessageBuffer';
  /** Whether a node can lose what it has to another one, and go on. */
  readonly areMoving: boolean;
}

/** Where a namespace is instead; without a host it is the one that was asked. */
export interface Elsewhere {
  readonly host: string | null;
  readonly port: number;
}

/** Of a single Redis. */
export const PLAIN: Channels = {
  prefix: '',
  publish: 'publish',
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
  message: 'messageBuffer',
  areMoving: false,
};

/** Of the 40 of a node's id: enough to tell nodes apart. */
const ID_CHARS = 12;
/** The first with channels that belong to slots. */
const VERSION_MIN = 7;

/**
 * The channels of a namespace at the Redis of this client. In a Cluster they are those of one
 * shard; any other node than its primary answers with the place of that one.
 *
 * @throws Error for a single Redis that is no primary: what is published on a replica stays there.
 */
export async function channelsAt(client: Client, namespace: string): Promise<Channels | Elsewhere> {
  const hello = await greet(client);
  const [mode, role, version = ''] = ['mode', 'role', 'version'].map((name) => hello.get(name));
  if (mode === 'cluster') return shardAt(client, namespace, version);
  if (mode !== 'standalone') throw new Error(`not a Redis with channels, but one in ${mode} mode`);
  if (role !== 'master') throw new Error(`not a primary, but a ${role}`);
  return PLAIN;
}

/**
 * The count that SPUBLISH answers with is of one node, while the message reaches the replicas of
 * its shard, too. With the node's id in the name of a channel, whoever hears it is connected to
 * that very node, so that a count of 0 means nobody: even during a failover, when some are at the
 * new primary and others still at the old one.
 */
async function shardAt(
  client: Client,
  namespace: string,
  version: string,
): Promise<Channels | Elsewhere> {
  if (Number.parseInt(version, 10) < VERSION_MIN) {
    throw new Error(`a Cluster of Redis ${version}, and not of ${VERSION_MIN} or newer`);
  }
  const tag = `{${namespace}}`;
  const [slot, id, ranges] = await Promise.all([
    client.cluster('KEYSLOT', tag),
    client.cluster('MYID'),
    client.cluster('SLOTS'),
  ]);
  const owner = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2];
  if (owner === undefined) throw new Error(`a Cluster where nobody has slot ${slot}`);
  const [host, port, primary] = owner;
  if (primary !== id) return { host: host || null, port };
  return {
    prefix: `${tag}${id.slice(0, ID_CHARS)}.`,
    publish: 'spublish',
    subscribe: 'ssubscribe',
    unsubscribe: 'sunsubscribe',
    message: 'smessageBuffer',
    areMoving: true,
  };
}
