import { type BrokerKind, startBroker } from '@swarm/conformance/brokers';
import { rabbitmqctl } from './chaos/rabbitmqctl.ts';
import { brokerSite, memorySite, type Site } from './stage/site.ts';

/** What actors can meet on, by the name of the swarm. */
export const SWARMS = ['memory', 'redis', 'nats', 'amqp'] as const;
export type SwarmName = (typeof SWARMS)[number];

/** The broker behind each swarm. */
const BROKERS: Readonly<Record<Exclude<SwarmName, 'memory'>, BrokerKind>> = {
  redis: 'redis',
  nats: 'nats',
  amqp: 'rabbitmq',
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
  if (kind === null) return act({ site: memorySite(), alarm: null });
  const broker = await startBroker(kind, { config: isImpatient ? IMPATIENT[kind] : [] });
  const share = (on: boolean) => (on ? ALARMING : USUAL);
  const alarm = (on: boolean) => rabbitmqctl(broker, 'set_vm_memory_high_watermark', share(on));
  try {
    return await act({ site: brokerSite(broker), alarm: kind === 'rabbitmq' ? alarm : null });
  } finally {
    await broker.stop();
  }
}
