import { type Broker, type FaultProxy, proxyTo } from '@swarm/conformance/brokers';
import type { Listener } from '../actor/journal.ts';
import { startForked } from './forked.ts';
import { type ActorHandle, type ActorPlan, startHere } from './handle.ts';
import { MemoryWire } from './memory-wire.ts';

/** Where actors meet: a broker that can fail, and a way to start actors that reach it. */
export interface Site {
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

/** What of a broker a site needs. */
export type SiteBroker = Pick<Broker, 'url' | 'port' | 'kill' | 'restart' | 'pause' | 'resume'>;

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
    start: (plan, listener) => {
      const wire = new MemoryWire();
      wires.push(wire);
      return startHere({ ...plan, url }, listener, wire);
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
export function brokerSite(broker: SiteBroker): Site {
  const scheme = new URL(broker.url).protocol.replace(':', '');
  return {
    start: async (plan, listener) => {
      const proxy: FaultProxy = await proxyTo(broker.port);
      return startForked({ ...plan, url: proxy.url(scheme) }, listener, proxy);
    },
    kill: () => broker.kill(),
    restart: () => broker.restart(),
    pause: () => broker.pause(),
    resume: () => broker.resume(),
  };
}
