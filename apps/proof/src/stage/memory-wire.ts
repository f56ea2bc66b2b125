import type { Link, LinkHost, Swarm } from '@swarm/core';
import { Lane } from './lane.ts';
import type { Wire } from './wire.ts';

/** So much that waits on its way to the broker counts as a broker that pushes back. */
const PRESSURE_BYTES = 4_194_304;

/**
 * Where a network would be, between one actor and a memory swarm, which has none. It fails as a
 * proxy in front of a broker does, but above the adapter instead of below.
 */
export class MemoryWire implements Wire {
  readonly #toBroker: Lane = new Lane();
  readonly #toClient: Lane = new Lane();
  /** Links that the memory swarm still has, and who hears of each. */
  readonly #links: Map<Link, LinkHost> = new Map();
  #isRefusing = false;
  #waitingBytes = 0;

  /** The swarm, as it is at the other end of this wire. */
  wrap(swarm: Swarm): Swarm {
    const { name, capabilities } = swarm;
    return { name, capabilities, connect: (host) => this.#connect(swarm, host) };
  }

  dropToBroker(): void {
    this.#toBroker.block();
  }

  dropToClient(): void {
    this.#toClient.block();
  }

  delay(ms: number): void {
    this.#toBroker.delay(ms);
    this.#toClient.delay(ms);
  }

  cut(): void {
    this.#waitingBytes = 0;
    this.#toBroker.cut();
    this.#toClient.cut();
    for (const [link, host] of [...this.#links]) {
      this.#end(link);
      host.lost(new Error('connection reset'));
    }
  }

  refuse(): void {
    this.#isRefusing = true;
  }

  async pass(): Promise<void> {
    this.#isRefusing = false;
    this.#waitingBytes = 0;
    this.#toBroker.pass();
    this.#toClient.pass();
    for (const host of this.#links.values()) host.pressure(false);
  }

  async #connect(swarm: Swarm, host: LinkHost): Promise<Link> {
    if (this.#isRefusing) throw new Error('connection refused');
    await this.#toBroker.passage();
    const link = await swarm.connect(this.#farHost(host));
    this.#links.set(link, host);
    await this.#toClient.passage();
    return this.#nearLink(link, host);
  }

  #farHost(host: LinkHost): LinkHost {
    const lane = this.#toClient;
    return {
      inbox: host.inbox,
      frameBytesMax: host.frameBytesMax,
      deliver: (subject, payload) => lane.take(() => host.deliver(subject, payload)),
      undeliverable: (token) => lane.take(() => host.undeliverable(token)),
      pressure: (on) => lane.take(() => host.pressure(on)),
      healed: () => lane.take(() => host.healed()),
      lost: (cause) => lane.take(() => host.lost(cause)),
    };
  }

  #nearLink(link: Link, host: LinkHost): Link {
    const there = async (act: () => Promise<void>) => {
      await this.#toBroker.passage();
      await act();
      await this.#toClient.passage();
    };
    return {
      subscribe: (subjects) => there(() => link.subscribe(subjects)),
      unsubscribe: (subjects) => there(() => link.unsubscribe(subjects)),
      publish: (subject, payload, token) => {
        this.#toBroker.take(() => link.publish(subject, payload, token));
        if (this.#toBroker.isBlocked) this.#waits(payload.length, host);
      },
      // As with a network, it does not wait for the other end to hear of it.
      close: async () => this.#toBroker.take(() => this.#end(link)),
    };
  }

  #waits(bytes: number, host: LinkHost): void {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > PRESSURE_BYTES) host.pressure(true);
  }

  #end(link: Link): void {
    this.#links.delete(link);
    void link.close();
  }
}
