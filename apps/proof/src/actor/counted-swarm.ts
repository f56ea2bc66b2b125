import type { Capabilities, Link, LinkHost, Swarm } from '@swarm/core';

/** A swarm that counts what it sends, and can be left without a word. */
export class CountedSwarm implements Swarm {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #inner: Swarm;
  readonly #isDown: () => boolean;
  readonly #links: Set<Link> = new Set();
  #messages = 0;
  #isGone = false;

  /** `isDown` is for a broker that cannot be: whether nobody may connect now. */
  constructor(inner: Swarm, isDown: () => boolean = () => false) {
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    this.#inner = inner;
    this.#isDown = isDown;
  }

  /** Messages handed to the broker. */
  get messages(): number {
    return this.#messages;
  }

  async connect(host: LinkHost): Promise<Link> {
    if (this.#isGone || this.#isDown()) throw new Error('connection refused');
    const link = await this.#inner.connect(host);
    this.#links.add(link);
    return {
      subscribe: (subjects) => link.subscribe(subjects),
      unsubscribe: (subjects) => link.unsubscribe(subjects),
      publish: (subject, payload, token) => {
        this.#messages += 1;
        link.publish(subject, payload, token);
      },
      close: () => {
        this.#links.delete(link);
        return link.close();
      },
    };
  }

  /**
   * Be gone, as a process is that was killed: others hear nothing from here any more, and this
   * end, which is not there to be told, is not told.
   */
  async vanish(): Promise<void> {
    this.#isGone = true;
    for (const link of this.#links) await link.close();
  }
}
