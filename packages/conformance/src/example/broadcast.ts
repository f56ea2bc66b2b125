import { BroadcastChannel } from 'node:worker_threads';
import { LIMITS, type Link, type LinkHost, type Swarm, type SwarmFactory } from '@swarm/core';

/** What all threads hear; null tells them that the swarm has ended. */
type Parcel = { readonly subject: string; readonly payload: Uint8Array } | null;

const SCHEME = 'broadcast:';
const { swarmFrameBytesMax: frameBytesMax } = LIMITS;

/** Swarms of worker threads: those that name the same `broadcast:name` form one. */
export const broadcast: SwarmFactory = Object.assign(
  (url: string): Swarm => ({
    name: 'broadcast',
    // Everybody hears everything, so nobody knows whether the right one did.
    capabilities: { frameBytesMax, detectsNoReceiver: false },
    connect: async (host) => {
      if (host.frameBytesMax > frameBytesMax) throw new TypeError('broadcast carries less');
      return new BroadcastLink(url.slice(SCHEME.length), host);
    },
  }),
  { schemes: [SCHEME] },
);

class BroadcastLink implements Link {
  readonly #host: LinkHost;
  readonly #subjects: Set<string>;
  // A channel does not hear itself, and a process has to: one to speak, and one to listen.
  readonly #mouth: BroadcastChannel;
  readonly #ear: BroadcastChannel;
  #isOpen = true;

  constructor(name: string, host: LinkHost) {
    this.#host = host;
    this.#subjects = new Set([host.inbox]);
    this.#mouth = new BroadcastChannel(name);
    this.#ear = new BroadcastChannel(name);
    this.#ear.onmessage = (event) => this.#hear((event as { readonly data: Parcel }).data);
  }

  async subscribe(subjects: readonly string[]): Promise<void> {
    for (const subject of subjects) this.#subjects.add(subject);
  }

  async unsubscribe(subjects: readonly string[]): Promise<void> {
    for (const subject of subjects) this.#subjects.delete(subject);
  }

  publish(subject: string, payload: Uint8Array): void {
    if (payload.length > frameBytesMax) throw new TypeError('over frameBytesMax');
    // A copy, because a view would take the whole buffer behind it along.
    if (this.#isOpen) this.#mouth.postMessage({ subject, payload: payload.slice() });
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    for (const channel of [this.#mouth, this.#ear]) channel.close();
  }

  #hear(parcel: Parcel): void {
    if (!this.#isOpen) return;
    if (parcel === null) {
      void this.close();
      this.#host.lost(new Error('the swarm has ended'));
    } else if (this.#subjects.has(parcel.subject)) {
      this.#host.deliver(parcel.subject, parcel.payload);
    }
  }
}
