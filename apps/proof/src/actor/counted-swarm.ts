import type { Capabilities, Link, LinkHost, Swarm } from '@swarm/core';

/** A swarm that counts what it sends. */
export class CountedSwarm implements Swarm {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #inner: Swarm;
  #messages = 0;

  constructor(inner: Swarm) {
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    this.#inner = inner;
  }

  /** Messages handed to the broker. */
  get messages(): number {
    return this.#messages;
  }

  async connect(host: LinkHost): Promise<Link> {
    const link = await this.#inner.connect(host);
    return {
      isGradual: link.isGradual ?? false,
      subscribe: (subjects) => link.subscribe(subjects),
      unsubscribe: (subjects) => link.unsubscribe(subjects),
      publish: (subject, payload, token) => {
        this.#messages += 1;
        link.publish(subject, payload, token);
      },
      close: () => link.close(),
    };
  }
}
