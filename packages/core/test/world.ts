import {
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  memory,
  type Node,
  type NodeOptions,
  type Server,
  type ServerOptions,
  swarmJson,
} from '../src/index.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';

/** A client, its node, and the two ends of the socket between them. */
export interface Connected {
  readonly client: Client;
  readonly node: Node;
  readonly near: PairedSocket;
  readonly far: PairedSocket;
}

let worlds = 0;

/** Servers in one memory swarm, and clients, all in the same virtual time. */
export class World {
  readonly runtime: FakeRuntime;
  readonly #servers: Server[] = [];
  readonly #clients: Client[] = [];
  readonly #url: string;

  constructor(runtime: FakeRuntime = new FakeRuntime()) {
    worlds += 1;
    this.#url = `memory:world-${worlds}`;
    this.runtime = runtime;
  }

  async server(options: ServerOptions = {}): Promise<Server> {
    const { runtime } = this;
    const swarm = memory(this.#url, runtime);
    const server = await runtime.until(createServer({ swarm, runtime, ...options }));
    this.#servers.push(server);
    return server;
  }

  /** A client whose conversation is open. */
  async connect(
    server: Server,
    nodeOptions: NodeOptions = {},
    clientOptions: ClientOptions = {},
  ): Promise<Connected> {
    const [near, far] = PairedSocket.pair();
    const client = this.client(near, clientOptions);
    const node = await server.createNode(far, { dialect: swarmJson, ...nodeOptions });
    await this.runtime.advance(0);
    return { client, node, near, far };
  }

  client(source: Parameters<typeof createClient>[0], options: ClientOptions = {}): Client {
    const client = createClient(source, { runtime: this.runtime, ...options });
    this.#clients.push(client);
    return client;
  }

  /** What becomes of `promise` without time passing. */
  async run<T>(promise: Promise<T>): Promise<T> {
    const pending = new Error('still pending when nothing moved any more');
    promise.catch(() => {});
    await this.runtime.settle();
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => setImmediate(() => reject(pending))),
    ]);
  }

  /** Nothing of it is left running. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all(this.#servers.map((server) => server.close()));
    await this.runtime.settle();
  }
}

/** How a promise ends: its value, or the failure in short. Never rejects. */
export async function ending(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (typeof error !== 'object' || error === null || !('delivered' in error)) return error;
    const { subtype, delivered } = error as { subtype?: unknown; delivered: unknown };
    return `${subtype ?? 'endpoint'}/${delivered}`;
  }
}
