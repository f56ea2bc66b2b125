import {
  type Broker,
  type BrokerKind,
  rabbitmqctl,
  startBroker,
  startCluster,
} from '@swarm/conformance/brokers';
import { brokerSite, clusterSite, memorySite, type Site } from './stage/site.ts';

/** What actors can meet on, by the name of the swarm: with a single broker at most, */
export const SINGLES = ['memory', 'redis', 'nats', 'amqp'] as const;
/** or with several that work as one. */
export const CLUSTERS = ['redis-cluster', 'nats-cluster', 'amqp-cluster'] as const;
export const SWARMS = [...SINGLES, ...CLUSTERS] as const;
export type SwarmName = (typeof SWARMS)[number];

/** The broker behind each swarm. */
const BROKERS: Readonly<Record<Exclude<SwarmName, 'memory'>, BrokerKind>> = {
  redis: 'redis',
  nats: 'nats',
  amqp: 'rabbitmq',
  'redis-cluster': 'redis',
  'nats-cluster': 'nats',
  'amqp-cluster': 'rabbitmq',
};

/** How a broker keeps less than usual for a process that does not take it, before it hangs up. */
const IMPATIENT: Readonly<Record<BrokerKind, readonly string[]>> = {
  redis: ['client-output-buffer-limit pubsub 8mb 8mb 0'],
  nats: ['max_pending: 8MB', 'write_deadline: "2s"'],
  // Nothing like that: it keeps what a queue has room for.
  rabbitmq: [],
};

/** By how little of the machine's memory it thinks that it has too little, and the usual share. */
const [ALARMING, USUAL] = ['0.00001', '0.4'];

/** A site, and what else can be done to its broker. */
export interface Ground {
  readonly site: Site;
  readonly alarm: ((on: boolean) => Promise<void>) | null;
  /** The servers of a cluster. */
  readonly servers: readonly Server[];
}

/** A server among others that work as one. */
export interface Server {
  kill(): Promise<void>;
  /** Resolves when it is one of them again. */
  restart(): Promise<void>;
}

/** The broker that tests may find missing; null for memory. */
export function brokerOf(swarm: SwarmName): BrokerKind | null {
  return swarm === 'memory' ? null : BROKERS[swarm];
}

/**
 * On a private broker, which is started before and stopped after it. An impatient one hangs up
 * early on who does not take what it has for him.
 */
export async function onSwarm<T>(
  swarm: SwarmName,
  act: (ground: Ground) => Promise<T>,
  { isImpatient = false }: { readonly isImpatient?: boolean } = {},
): Promise<T> {
  const kind = brokerOf(swarm);
  if (kind === null) return act({ site: memorySite(), alarm: null, servers: [] });
  const config = isImpatient ? IMPATIENT[kind] : [];
  const isCluster = CLUSTERS.some((name) => name === swarm);
  return isCluster ? onCluster(kind, config, act) : onBroker(kind, config, act);
}

type Act<T> = (ground: Ground) => Promise<T>;

async function onBroker<T>(kind: BrokerKind, config: readonly string[], act: Act<T>): Promise<T> {
  const broker = await startBroker(kind, { config });
  try {
    return await act({ site: brokerSite(broker), alarm: alarmOf(broker), servers: [] });
  } finally {
    await broker.stop();
  }
}

async function onCluster<T>(kind: BrokerKind, config: readonly string[], act: Act<T>): Promise<T> {
  const cluster = await startCluster(kind, { config });
  const servers = cluster.nodes.map((node) => ({
    kill: () => node.kill(),
    restart: async () => {
      await node.restart();
      await cluster.formed();
    },
  }));
  try {
    const [first] = cluster.nodes as readonly [Broker];
    return await act({ site: clusterSite(cluster), alarm: alarmOf(first), servers });
  } finally {
    await cluster.stop();
  }
}

/** In a cluster, one that has too little of its memory is enough. */
function alarmOf(broker: Broker): Ground['alarm'] {
  if (broker.kind !== 'rabbitmq') return null;
  const share = (on: boolean) => (on ? ALARMING : USUAL);
  return async (on) => {
    await rabbitmqctl(broker, 'set_vm_memory_high_watermark', share(on));
  };
}
