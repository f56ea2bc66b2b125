import {
  type AnyContract,
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  memory,
  type Node,
  type NodeOptions,
  type Runtime,
  type Server,
  type ServerOptions,
  type Swarm,
  swarm1,
} from '@swarm/core';
import { chance } from './chance.ts';
import { type TestClock, VirtualClock } from './clock.ts';
import { Dialer } from './dialer.ts';
import { End } from './end.ts';
import { Network, type Reach, type TestNetwork } from './network.ts';
import { Way } from './way.ts';

/** What a test swarm is made from. */
export interface TestSwarmOptions {
  /** Of all random numbers, so that ids and back-offs repeat; default 1. */
  readonly seed?: number;
}

/** Those of `createServer`; where it runs is up to the test swarm. */
export interface TestServerOptions<C extends AnyContract = undefined> extends ServerOptions<C> {
  readonly swarm?: never;
  readonly runtime?: never;
}

/** Where a server runs: options for a `createServer` of your own. */
export interface TestPlace {
  readonly swarm: Swarm;
  readonly runtime: Runtime;
}

/** Those of `createClient`, with who the client is, as `accept` would say it. */
export interface TestClientOptions<C extends AnyContract = undefined> extends ClientOptions<C> {
  readonly runtime?: never;
  /** Id of its node; default a random one. */
  readonly id?: string;
  /** Becomes `node.auth`, frozen. */
  readonly auth?: unknown;
  /** Becomes the first value of `node.data`. */
  readonly data?: unknown;
  /** Called before anything arrives, to register what must be there for the first message. */
  readonly setup?: (client: Client<C>) => void;
}

/** A client that is connected, and its node. */
export interface TestClient<S extends AnyContract, C extends AnyContract> {
  readonly client: Client<C>;
  /** The present one: a client that comes back gets another. */
  readonly node: Node<S>;
}

/** Servers, their clients and the network between them, in one process and in virtual time. */
export interface TestSwarm {
  readonly clock: TestClock;
  readonly network: TestNetwork;
  /** The same time for code of yours, and chance of its own. */
  readonly runtime: Runtime;
  /**
   * A server, as if it had a process to itself. It is made from the options of `createServer`, or
   * by a function of yours that passes `place` on to `createServer`.
   */
  server<C extends AnyContract = undefined>(options?: TestServerOptions<C>): Promise<Server<C>>;
  server<C extends AnyContract>(
    start: (place: TestPlace) => Promise<Server<C>>,
  ): Promise<Server<C>>;
  /**
   * A client of `server`, or of the server that a function picks whenever the client dials.
   * Resolves when the conversation is open; rejects as its `ready()` does.
   */
  client<S extends AnyContract, C extends AnyContract = undefined>(
    server: Server<S> | (() => Server<S>),
    options?: TestClientOptions<C>,
  ): Promise<TestClient<S, C>>;
  /**
   * Close all clients and servers, and stop time. Rejects when a timer, socket or link of theirs
   * is left. Idempotent; timers of {@link runtime} are forgotten.
   */
  close(): Promise<void>;
  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A swarm for tests of code that uses the library: nothing waits, and everything repeats. */
export function testSwarm(options: TestSwarmOptions = {}): TestSwarm {
  return new MemoryTestSwarm(options.seed ?? 1);
}

/** Time beyond `openTimeoutMs` for a client to say that it did not get open, in ms. */
const GRACE_MS = 1_000;

let swarms = 0;

/** The implementation of {@link TestSwarm}, on the memory swarm. */
class MemoryTestSwarm implements TestSwarm {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: Network = new Network(this.clock);
  readonly runtime: Runtime;
  readonly #seed: number;
  readonly #memory: Swarm;
  readonly #ends: End[] = [];
  readonly #reaches: Reach[] = [];
  readonly #servers: { close(): Promise<void> }[] = [];
  readonly #clients: { close(): void }[] = [];
  #closing: Promise<void> | null = null;

  constructor(seed: number) {
    swarms += 1;
    this.#seed = seed;
    this.runtime = new End('the application', this.clock, chance(seed, 0));
    // Memory swarms of one name are one.
    this.#memory = memory(`memory:test-swarm-${swarms}`, this.#newEnd('the swarm'));
  }

  async server<C extends AnyContract>(
    how: TestServerOptions<C> | ((place: TestPlace) => Promise<Server<C>>) = {},
  ): Promise<Server<C>> {
    this.#checkOpen();
    const end = this.#newEnd(`server ${this.#servers.length + 1}`);
    const way = this.#reaching(new Way(end.name, this.#memory, this.network));
    const place: TestPlace = { swarm: way, runtime: end };
    const made = typeof how === 'function' ? how(place) : createServer<C>({ ...how, ...place });
    // Without latency no time has to pass, and a function of yours may wait for real things.
    const server = await (this.network.latencyMs === 0 ? made : this.clock.until(made));
    this.#servers.push(server);
    this.network.add(server, way);
    return server;
  }

  async client<S extends AnyContract, C extends AnyContract = undefined>(
    server: Server<S> | (() => Server<S>),
    options: TestClientOptions<C> = {},
  ): Promise<TestClient<S, C>> {
    this.#checkOpen();
    const { id, auth, data, setup, runtime: _none, ...others } = options;
    const { dialect = swarm1, openTimeoutMs = 10_000 } = options;
    const end = this.#newEnd(`client ${this.#clients.length + 1}`);
    const pick = typeof server === 'function' ? server : () => server;
    const identity: NodeOptions = { id, auth, data, dialect };
    const dialer = this.#reaching(new Dialer(end.name, this.network, pick, identity));
    const client = createClient<C>(() => dialer.dial(), { ...others, dialect, runtime: end });
    this.#clients.push(client);
    this.network.add(client, dialer);
    setup?.(client);
    try {
      const open = Promise.race([client.ready(), dialer.refused]);
      await this.clock.until(open, openTimeoutMs + GRACE_MS);
    } catch (error) {
      client.close();
      throw error;
    }
    return {
      client,
      get node() {
        return dialer.node as Node<S>;
      },
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { clock } = this;
    try {
      for (const client of this.#clients) client.close();
      await clock.until(Promise.all(this.#servers.map((server) => server.close())));
      const timers = this.#ends.filter(({ timers }) => timers > 0);
      const left = [
        ...timers.map(({ name, timers: count }) => `${name} has timers (${count})`),
        ...this.#reaches.flatMap((reach) => reach.end()),
      ];
      if (left.length > 0) throw new Error(`left after the close: ${left.join(', ')}`);
    } finally {
      clock.stop();
    }
  }

  #newEnd(name: string): End {
    const end = new End(name, this.clock, chance(this.#seed, this.#ends.length + 1));
    this.#ends.push(end);
    return end;
  }

  #reaching<R extends Reach>(reach: R): R {
    this.#reaches.push(reach);
    return reach;
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new TypeError('the test swarm is closed');
  }
}
