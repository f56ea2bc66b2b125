import type { AnyContract, Node, NodeOptions, Server, Socket } from '@swarm/core';
import type { Network, Reach } from './network.ts';
import { TestSocket } from './socket.ts';

/** The way of one client to its servers: a socket whenever it dials, and a node for each. */
export class Dialer<S extends AnyContract> implements Reach {
  /** The latest. */
  node: Node<S> | null = null;
  /** Rejects with the TypeError for an id that no node can have. */
  readonly refused: Promise<never>;
  readonly #name: string;
  readonly #network: Network;
  readonly #server: () => Server<S>;
  readonly #options: NodeOptions;
  #refuse: (error: unknown) => void = () => {};
  #state: 'up' | 'cut' | 'dropped' = 'up';
  /** Both ends of connections that are not over. */
  #sockets: readonly (readonly [near: TestSocket, far: TestSocket])[] = [];

  constructor(name: string, network: Network, server: () => Server<S>, options: NodeOptions) {
    this.#name = name;
    this.#network = network;
    this.#server = server;
    this.#options = options;
    this.refused = new Promise((_resolve, reject) => {
      this.#refuse = reject;
    });
    this.refused.catch(() => {});
  }

  dial(): Socket {
    const server = this.#server();
    const [near, far] = TestSocket.pair(this.#network, server.limits.socketFrameBytesMax);
    this.#forget();
    this.#sockets = [...this.#sockets, [near, far]];
    if (this.#state === 'dropped') near.drop();
    // In a turn of its own: nobody has attached yet.
    else if (this.#state === 'cut') near.knock(() => near.cut());
    else near.knock(() => void this.#accept(server, far));
    return near;
  }

  cut(): void {
    this.#state = 'cut';
    for (const [near] of this.#sockets) near.cut();
  }

  drop(): void {
    this.#state = 'dropped';
    for (const [near] of this.#sockets) near.drop();
  }

  heal(): void {
    this.#state = 'up';
  }

  end(): readonly string[] {
    this.#forget();
    return this.#sockets.map(() => `${this.#name} has a socket`);
  }

  async #accept(server: Server<S>, far: TestSocket): Promise<void> {
    try {
      this.node = await server.createNode(far, this.#options);
    } catch (error) {
      // For anything else the socket was closed, with a code that says why.
      if (!(error instanceof TypeError)) return;
      far.close(1011, 'the node cannot be made');
      this.#refuse(error);
    }
  }

  #forget(): void {
    this.#sockets = this.#sockets.filter(([near, far]) => near.isUsed || far.isUsed);
  }
}
