import { Turns } from './clock.ts';
import { protocolError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { platformRuntime, type Runtime } from './runtime.ts';
import type { Capabilities, Link, LinkHost, Swarm } from './swarm.ts';

const SCHEME = 'memory:';

const CAPABILITIES: Capabilities = {
  frameBytesMax: LIMITS.swarmFrameBytesMax,
  detectsNoReceiver: true,
};

/** The swarm of one process, which can be broken on purpose. */
export interface MemorySwarm extends Swarm {
  /** End every link of this swarm, as a broker that restarts does. For tests. */
  cut(): void;
}

/** Factory of in-process swarms; `schemes` is what URLs of it begin with. */
export interface MemoryFactory {
  (url?: string, runtime?: Runtime): MemorySwarm;
  readonly schemes: readonly string[];
}

/**
 * The swarm of one process, without a broker: servers that name the same `memory:name` form one.
 * It is the reference for adapters: exact, first in first out, and it copies nothing.
 *
 * @throws TypeError for a URL of another scheme.
 */
export const memory: MemoryFactory = Object.assign(
  (url: string = SCHEME, runtime: Runtime = platformRuntime): MemorySwarm => {
    if (!url.startsWith(SCHEME)) throw new TypeError(`not a memory: URL: ${url}`);
    const name = url.slice(SCHEME.length);
    return {
      name: 'memory',
      capabilities: CAPABILITIES,
      connect: async (host) => {
        if (host.frameBytesMax > CAPABILITIES.frameBytesMax) {
          throw new TypeError(`memory carries less than ${host.frameBytesMax} bytes`);
        }
        const hub = HUBS.get(name) ?? new Hub(name, runtime);
        return hub.connect(host);
      },
      cut: () => HUBS.get(name)?.cut(),
    };
  },
  { schemes: [SCHEME] },
);

/** Swarms in use, by name; one is here while it has links. */
const HUBS: Map<string, Hub> = new Map();

interface Parcel {
  readonly from: LinkHost;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly token: number;
}

class Hub {
  readonly #name: string;
  readonly #turns: Turns;
  readonly #links: Set<LinkHost> = new Set();
  readonly #heard: Map<string, Set<LinkHost>> = new Map();
  #parcels: Parcel[] = [];
  #pressed = false;

  constructor(name: string, runtime: Runtime) {
    this.#name = name;
    this.#turns = new Turns(runtime, LIMITS.deliveriesPerTurnMax, () => this.#deliver());
  }

  connect(host: LinkHost): Link {
    HUBS.set(this.#name, this);
    this.#links.add(host);
    this.#hear(host, host.inbox);
    return {
      subscribe: async (subjects) => {
        if (!this.#links.has(host)) throw protocolError('closed', 'no', 'the link is over');
        for (const subject of subjects) this.#hear(host, subject);
      },
      unsubscribe: async (subjects) => {
        for (const subject of subjects) this.#unhear(host, subject);
      },
      publish: (subject, payload, token) => {
        if (this.#links.has(host)) this.#publish({ from: host, subject, payload, token });
      },
      close: async () => this.#leave(host),
    };
  }

  cut(): void {
    const hosts = [...this.#links];
    for (const host of hosts) this.#leave(host);
    for (const host of hosts) host.lost(new Error('the memory swarm was cut'));
  }

  #hear(host: LinkHost, subject: string): void {
    const hosts = this.#heard.get(subject) ?? new Set();
    this.#heard.set(subject, hosts.add(host));
  }

  #unhear(host: LinkHost, subject: string): void {
    const hosts = this.#heard.get(subject);
    hosts?.delete(host);
    if (hosts?.size === 0) this.#heard.delete(subject);
  }

  #leave(host: LinkHost): void {
    this.#links.delete(host);
    for (const subject of [...this.#heard.keys()]) this.#unhear(host, subject);
    if (this.#links.size === 0 && HUBS.get(this.#name) === this) HUBS.delete(this.#name);
  }

  #publish(parcel: Parcel): void {
    if (parcel.payload.length > CAPABILITIES.frameBytesMax) {
      throw new TypeError(`over frameBytesMax: ${parcel.payload.length} bytes`);
    }
    this.#parcels.push(parcel);
    if (this.#parcels.length >= LIMITS.turnMessagesMax) this.#press(true);
    this.#turns.wake();
  }

  #deliver(): number {
    const parcels = this.#parcels;
    this.#parcels = [];
    this.#press(false);
    for (const { from, subject, payload, token } of parcels) {
      const hosts = this.#heard.get(subject);
      if (hosts !== undefined) for (const host of [...hosts]) host.deliver(subject, payload);
      else if (token !== 0 && this.#links.has(from)) from.undeliverable(token);
    }
    return parcels.length;
  }

  #press(on: boolean): void {
    if (this.#pressed === on) return;
    this.#pressed = on;
    for (const host of this.#links) host.pressure(on);
  }
}
