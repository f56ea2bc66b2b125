import { isNamespace, processOf } from './address.ts';
import { ask, type CallOptions, NodeCalls, tell } from './calls.ts';
import { addMiddleware } from './chain.ts';
import type { Emitter } from './emitter.ts';
import { protocolError, SwarmError } from './errors.ts';
import type { Dialect } from './frame.ts';
import { isNodeId } from './guard.ts';
import type { Handlers, HandlerTable } from './handlers.ts';
import { swarmJson } from './json-dialect.ts';
import { LIMITS, type Limits } from './limits.ts';
import { memory } from './memory.ts';
import { Node, type NodeHandler, type NodeMiddleware } from './node.ts';
import { Opening } from './opening.ts';
import { Process, type ServerEvents } from './process.ts';
import { platformRuntime, type Runtime } from './runtime.ts';
import { type EventSocket, type Socket, toSocket } from './socket.ts';
import { RemoteClientSurface } from './surface.ts';
import type { Swarm } from './swarm.ts';

export interface ServerOptions {
  /** The broker the nodes share; default `memory()`, one for all such servers of this process. */
  readonly swarm?: Swarm;
  /** Prefix of every address: applications that share a broker need different ones. */
  readonly namespace?: string;
  /** Time for an answer where a call does not say, in ms; default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Who keeps a chosen id that is used again; the other's client is closed. Default `newest`. */
  readonly takeover?: 'newest' | 'oldest';
  readonly limits?: Partial<Limits>;
  readonly runtime?: Runtime;
}

export interface NodeOptions {
  /** 1 to 128 bytes of UTF-8; default a random one. */
  readonly id?: string | undefined;
  /** Who the client is; frozen, and read as `node.auth`. */
  readonly auth?: unknown;
  /** The first value of `node.data`. */
  readonly data?: unknown;
  /** What the socket speaks; default `swarm.json` for a client that may listen late. */
  readonly dialect?: Dialect | undefined;
}

/** Delay of `init` for a client that named no dialect: the original one begins to listen late. */
const LATE_LISTENER_MS = 20;

/** Join a swarm. Resolves when this process can be reached in it. */
export async function createServer(options: ServerOptions = {}): Promise<Server> {
  const { swarm = memory(), namespace = 'swarm', requestTimeoutMs = 10_000 } = options;
  const { takeover = 'newest', runtime = platformRuntime } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  if (!isNamespace(namespace)) throw new TypeError(`a namespace is one plain word: ${namespace}`);
  if (swarm.capabilities.frameBytesMax < limits.swarmFrameBytesMax) {
    throw new TypeError(`${swarm.name} carries less than swarmFrameBytesMax: lower that limit`);
  }
  const process = new Process({
    ...{ swarm, namespace, limits, requestTimeoutMs, takeover, runtime },
  });
  await process.connect();
  return new Server(process);
}

/** One process's part of a swarm: its nodes, and what they all do. */
export class Server {
  readonly #process: Process;
  readonly #opening: Opening;
  #isOpen = true;
  /** Nodes that wait for the swarm to know them. */
  #making = 0;

  /** @internal */
  constructor(process: Process) {
    this.#process = process;
    this.#opening = new Opening(process.clock.runtime);
  }

  /** The nodes of this process, by id. */
  get nodes(): ReadonlyMap<string, Node> {
    return this.#process.router.nodes;
  }

  get events(): Emitter<ServerEvents> {
    return this.#process.events;
  }

  get limits(): Limits {
    return this.#process.limits;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What every node answers its client. */
  get client(): Handlers<NodeHandler> {
    return this.#process.handlers.client;
  }

  /** What stands before every client, and the clients of all nodes. */
  get remoteClient(): RemoteClientSurface<NodeHandler> {
    const { handlers } = this.#process;
    return new RemoteClientSurface(this.#process, null, () => handlers.remoteClient);
  }

  /** Answer other nodes, in every node. Returns what removes the handler. */
  on(name: string, handler: NodeHandler): () => void {
    return this.#process.handlers.server.on(name, handler);
  }

  /** Register a whole table of such handlers. */
  implement(table: HandlerTable<NodeHandler>): () => void {
    return this.#process.handlers.server.implement(table);
  }

  /** Run `middleware` around all handlers of all nodes, inside that used before. */
  use(middleware: NodeMiddleware): () => void {
    const process = this.#process;
    const added = addMiddleware(process.middleware, middleware);
    process.middleware = added.list;
    return () => {
      process.middleware = process.middleware.filter((other) => other !== added.entry);
    };
  }

  /** Ask a node without being one. */
  send(id: string, name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#process, { to: id, via: 'server', from: null }, {}, name, args);
  }

  /** Tell a node without being one. False when the event certainly did not leave. */
  emit(id: string, name: string, ...args: unknown[]): boolean {
    return tell(this.#process, { to: id, via: 'server', from: null }, {}, name, args);
  }

  with(options: CallOptions): NodeCalls {
    return new NodeCalls(this.#process, { via: 'server', from: null }, options);
  }

  /**
   * Make the node of a client that is connected by `socket`. Messages that are there already are
   * kept until the code that awaits this has registered its handlers.
   *
   * Rejects with `closed` when server or socket is closed meanwhile, `forbidden` when the id is
   * taken and its owner keeps it, `overloaded` when too many nodes are being made; the socket is
   * closed then. A TypeError is for an id that no node can have.
   */
  async createNode(socket: Socket | EventSocket, options: NodeOptions = {}): Promise<Node> {
    const process = this.#process;
    const { id = process.newNodeId(), auth = null, data = null, dialect } = options;
    if (!isNodeId(id)) throw new TypeError('a node id is a text of 1 to 128 bytes');
    if (options.id !== undefined && processOf(id) !== null) {
      throw new TypeError(`looks like a generated id: ${id}`);
    }
    const node = new Node(process, toSocket(socket), dialect ?? swarmJson, { id, auth, data });
    this.#making += 1;
    try {
      this.#admit(node);
      if (options.id !== undefined) await process.announce(id);
    } catch (error) {
      refuse(node, error);
      throw error;
    } finally {
      this.#making -= 1;
    }
    if (!node.isOpen) throw protocolError('closed', 'no', 'closed while the node was made');
    process.events.emit('connection', node);
    this.#opening.add(node, dialect === undefined ? LATE_LISTENER_MS : 0);
    return node;
  }

  #admit(node: Node): void {
    const { router, limits } = this.#process;
    if (!this.#isOpen) throw protocolError('closed', 'no', 'the server is closed');
    if (this.#opening.size + this.#making > limits.openingNodesMax) {
      throw protocolError('overloaded', 'no', `openingNodesMax: ${limits.openingNodesMax}`);
    }
    if (!node.isOpen) throw protocolError('closed', 'no', 'the socket is closed');
    router.add(node.id, node);
  }

  /** Leave the swarm. Clients are closed with 1001, so that they come back elsewhere. Final. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#opening.stop();
    for (const node of [...this.nodes.values()]) node.shut(1001, 'the server is closing');
    try {
      await this.#process.close();
    } finally {
      this.#process.events.emit('close');
    }
  }
}

/** Close the socket of a node that could not be made, so that its client knows what to do. */
function refuse(node: Node, error: unknown): void {
  const subtype = SwarmError.is(error) ? error.subtype : null;
  if (subtype === 'forbidden') node.close(4409, 'taken');
  else if (subtype === 'closed') node.shut(1001, 'the server is closing');
  else node.shut(1013, 'no room, or no way into the swarm');
}
