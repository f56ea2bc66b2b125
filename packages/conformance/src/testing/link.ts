import { type Link, type LinkHost, type Swarm, SwarmError } from '@swarm/core';
import type { Lane } from './lane.ts';
import { type Network, SILENCE_MS } from './network.ts';

/**
 * One link of a process, behind a network: to the process it is the link, and to the memory swarm
 * it is the host.
 */
export class TestLink implements Link, LinkHost {
  readonly inbox: string;
  readonly frameBytesMax: number;
  readonly #swarm: Swarm;
  readonly #network: Network;
  readonly #host: LinkHost;
  readonly #up: Lane;
  readonly #down: Lane;
  #inner: Link | null = null;
  /** The process knows that it is connected; */
  #isKnown = false;
  /** and has closed it, or knows that it is over. */
  #isOver = false;
  /** Nothing gets through any more. */
  #isDead = false;
  /** What ends the calls that are not answered yet. */
  readonly #open: Set<() => void> = new Set();

  constructor(swarm: Swarm, network: Network, host: LinkHost) {
    this.inbox = host.inbox;
    this.frameBytesMax = host.frameBytesMax;
    this.#swarm = swarm;
    this.#network = network;
    this.#host = host;
    this.#up = network.lane();
    this.#down = network.lane();
  }

  /** Whether the process has it, and has neither closed it nor been told that it is over. */
  get isUsed(): boolean {
    return this.#isKnown && !this.#isOver;
  }

  dial(): Promise<Link> {
    const connect = async (): Promise<Link> => {
      const inner = await this.#swarm.connect(this);
      this.#inner = inner;
      if (this.#isDead) void inner.close();
      return this;
    };
    return this.#ask(connect, () => {
      this.#isKnown = true;
    });
  }

  cut(): void {
    this.lost(new Error('the network was cut'));
  }

  drop(): void {
    if (this.#isDead) return;
    const { clock } = this.#network;
    this.#isDead = true;
    clock.at(clock.nowMs + SILENCE_MS, () => this.leave());
  }

  /** The swarm forgets it. */
  leave(): void {
    this.#isDead = true;
    void this.#inner?.close();
  }

  // As the process knows it.

  subscribe(subjects: readonly string[]): Promise<void> {
    return this.#ask(async () => this.#inner?.subscribe(subjects));
  }

  unsubscribe(subjects: readonly string[]): Promise<void> {
    return this.#ask(async () => this.#inner?.unsubscribe(subjects));
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    const { frameBytesMax } = this.#swarm.capabilities;
    if (payload.length > frameBytesMax) {
      throw new TypeError(`over frameBytesMax: ${payload.length} bytes`);
    }
    if (this.#isOver) return;
    this.#up.send(() => {
      if (!this.#isDead) this.#inner?.publish(subject, payload, token);
    });
  }

  async close(): Promise<void> {
    // Behind what was published before. Of a dead one the swarm hears nothing, not even this.
    this.#up.send(() => {
      if (!this.#isDead) this.leave();
    });
    this.#end();
  }

  // As the swarm knows it.

  deliver(subject: string, payload: Uint8Array): void {
    this.#tell(() => this.#host.deliver(subject, payload));
  }

  undeliverable(token: number): void {
    this.#tell(() => this.#host.undeliverable(token));
  }

  pressure(on: boolean): void {
    this.#tell(() => this.#host.pressure(on));
  }

  healed(): void {
    this.#tell(() => this.#host.healed());
  }

  lost(cause: unknown): void {
    const { isUsed } = this;
    this.leave();
    this.#end();
    if (isUsed) this.#host.lost(cause);
  }

  #tell(what: () => void): void {
    this.#down.send(() => {
      if (!this.#isDead && !this.#isOver) what();
    });
  }

  /** There and back. Rejects when the link ends before the answer is here. */
  #ask<T>(run: () => Promise<T>, arrived: () => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        reject(new SwarmError('the link is over', { subtype: 'closed', delivered: 'no' }));
      };
      if (this.#isOver) return end();
      this.#open.add(end);
      const answer = (settle: () => void) =>
        this.#tell(() => {
          if (this.#open.delete(end)) settle();
        });
      this.#up.send(() => {
        if (this.#isDead) return;
        run().then(
          (value) =>
            answer(() => {
              arrived();
              resolve(value);
            }),
          (error) => answer(() => reject(error)),
        );
      });
    });
  }

  #end(): void {
    this.#isOver = true;
    for (const end of this.#open) end();
    this.#open.clear();
  }
}
