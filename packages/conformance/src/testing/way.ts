import type { Capabilities, Link, LinkHost, Swarm } from '@swarm/core';
import { TestLink } from './link.ts';
import type { Network, Reach } from './network.ts';

/** The way of one process into the memory swarm that it shares with the others. */
export class Way implements Swarm, Reach {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #end: string;
  readonly #swarm: Swarm;
  readonly #network: Network;
  #state: 'up' | 'cut' | 'dropped' = 'up';
  /** All there were, since the swarm may know of one that its process has given up. */
  readonly #links: TestLink[] = [];

  /** `end` names the process. */
  constructor(end: string, swarm: Swarm, network: Network) {
    this.name = swarm.name;
    this.capabilities = swarm.capabilities;
    this.#end = end;
    this.#swarm = swarm;
    this.#network = network;
  }

  async connect(host: LinkHost): Promise<Link> {
    if (this.#state === 'cut') throw new Error('the network is cut');
    const link = new TestLink(this.#swarm, this.#network, host);
    this.#links.push(link);
    if (this.#state === 'dropped') link.drop();
    return link.dial();
  }

  cut(): void {
    this.#state = 'cut';
    for (const link of this.#links) link.cut();
  }

  drop(): void {
    this.#state = 'dropped';
    for (const link of this.#links) link.drop();
  }

  heal(): void {
    this.#state = 'up';
  }

  end(): readonly string[] {
    for (const link of this.#links) link.leave();
    return this.#links.filter(({ isUsed }) => isUsed).map(() => `${this.#end} has a link`);
  }
}
