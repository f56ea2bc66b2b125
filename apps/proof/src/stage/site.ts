import type { Broker, BrokerCluster } from '@swarm/conformance/brokers';
import type { Listener } from '../actor/journal.ts';
import { startForked } from './forked.ts';
import { type ActorHandle, type ActorPlan, startHere } from './handle.ts';
import { MemoryWire } from './memory-wire.ts';
import { Proxies } from './proxies.ts';

/** Where actors meet: a broker that can fail, and a way to start actors that reach it. */
export interface Site {
  /** Whether its servers tell each other in their own time what actors subscribe to. */
  readonly isGradual: boolean;
  /** Starts an actor that can be reached when this resolves. */
  start(plan: ActorPlan, listener: Listener): Promise<ActorHandle>;
  /** Resolves when the broker is gone, and with it every link. */
  kill(): Promise<void>;
  /** Resolves when it can be reached again. */
  restart(): Promise<void>;
  /** It stands still: links stay, nothing gets through, and no link comes about. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

let memorySites = 0;

/** A memory swarm, which has no broker: what a broker does to all links is done to all wires. */
export function memorySite(): Site {
  memorySites += 1;
  const url = `memory:proof-${memorySites}`;
  const wires: MemoryWire[] = [];
  const toEach = async (act: (wire: MemoryWire) => unknown) => {
    await Promise.all(wires.map(act));
  };
  return {
    isGradual: false,
    start: (plan, listener) => {
      const wire = new MemoryWire();
      wires.push(wire);
      return startHere({ ...plan, url, natMap: {} }, listener, wire);
    },
    kill: () =>
      toEach((wire) => {
        wire.refuse();
        wire.cut();
      }),
    restart: () => toEach((wire) => wire.pass()),
    pause: () =>
      toEach((wire) => {
        wire.dropToBroker();
        wire.dropToClient();
      }),
    resume: () => toEach((wire) => wire.pass()),
  };
}

/** A broker, with a process for every actor, and a proxy between the two. */
export function brokerSite(broker: Broker): Site {
  return {
    isGradual: false,
    start: (plan, listener) => startAt([broker], plan, listener),
    kill: () => broker.kill(),
    restart: () => broker.restart(),
    pause: () => broker.pause(),
    resume: () => broker.resume(),
  };
}

/** The same with several brokers that work as one, each of which can fail alone, too. */
export function clusterSite(cluster: BrokerCluster): Site {
  const { kind, nodes } = cluster;
  return {
    isGradual: kind === 'nats',
    start: (plan, listener) => startAt(nodes, plan, listener),
    kill: () => cluster.kill(),
    restart: () => cluster.restart(),
    pause: async () => {
      await Promise.all(nodes.map((node) => node.pause()));
    },
    resume: async () => {
      await Promise.all(nodes.map((node) => node.resume()));
      await cluster.formed();
    },
  };
}

async function startAt(
  servers: readonly Broker[],
  plan: ActorPlan,
  listener: Listener,
): Promise<ActorHandle> {
  const urls = servers.map(({ url }) => new URL(url));
  const proxies = await Proxies.to(servers.map(({ port }) => port));
  const host = urls[0]?.hostname ?? '';
  const places = proxies.ports.map((port) => `${host}:${port}`);
  const natMap = urls.map((url, i) => [url.host, { host, port: proxies.ports[i] as number }]);
  const options = {
    ...plan,
    url: `${urls[0]?.protocol}//${places.join()}`,
    natMap: Object.fromEntries(natMap),
  };
  return startForked(options, listener, proxies);
}
