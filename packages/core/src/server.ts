import { isNamespace, processOf } from './address.ts';
import type { NodeOptions, Server, ServerEvents } from './api.ts';
import { HEADER_BYTES_MAX } from './bytes.ts';
import { RoutedCalls } from './callers.ts';
import { checkTimeout } from './calls.ts';
import { addMiddleware } from './chain.ts';
import type { Contract } from './contract.ts';
import type { Emitter } from './emitter.ts';
import { protocolError, SwarmError } from './errors.ts';
import { isNodeId } from './guard.ts';
import type { Handlers, HandlerTable } from './handlers.ts';
import { swarmJson } from './json-dialect.ts';
import { LIMITS, type Limits } from './limits.ts';
import { toSocket } from './listening-socket.ts';
import { memory } from './memory.ts';
import { type NodeHandler, type NodeMiddleware, ServerNode } from './node.ts';
import { Opening } from './opening.ts';
import { Process } from './process.ts';
import { platformRuntime, type Runtime } from './runtime.ts';
import type { EventSocket, Socket } from './socket.ts';
import { RemoteClientSurface } from './surface.ts';
import type { Swarm } from './swarm.ts';
import type { AnyContract } from './typed.ts';

/** How a server joins a swarm. */
export interface ServerOptions<C extends AnyContract = undefined> {
  /** The broker the nodes share; default `memory()`, one for all such servers of this process. */
  readonly swarm?: Swarm;
  /** Types and checks names, arguments and results; default none. */
  readonly contract?: C;
  /** Prefix of every address: applications that share a broker need different ones. */
  readonly namespace?: string;
  /** Time for an answer where a call does not say, in ms; default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Who keeps a chosen id that is used again; the other's client is closed. Default `newest`. */
  readonly takeover?: 'newest' | 'oldest';
  readonly limits?: Partial<Limits>;
  readonly runtime?: Runtime;
}

/** Delay of `init` for a client that named no dialect: the original one begins to listen late. */
const LATE_LISTENER_MS = 20;

/** Join a swarm. Resolves when this process can be reached in it. */
export async function createServer<C extends AnyContract = undefined>(
  options: ServerOptions<C> = {},
): Promise<Server<C>> {
  const { swarm = memory(), namespace = 'swarm', requestTimeoutMs = 10_000 } = options;
  const { takeover = 'newest', runtime = platformRuntime } = options;
  const limits: Limits = { ...LIMITS, ...options.limits };
  const contract: Contract | undefined = options.contract;
  checkTimeout(requestTimeoutMs);
  if (!isNamespace(namespace)) throw new TypeError(`a namespace is one plain word: ${namespace}`);
  if (limits.swarmFrameBytesMax <= HEADER_BYTES_MAX) {
    throw new TypeError(`swarmFrameBytesMax must be more than a header: ${HEADER_BYTES_MAX}`);
  }
  if (swarm.capabilities.frameBytesMax < limits.swarmFrameBytesMax) {
    throw new TypeError(`${swarm.name} carries less than swarmFrameBytesMax: lower that limit`);
  }
  const process = new Process({
    swarm,
    contract,
    namespace,
    limits,
    requestTimeoutMs,
    takeover,
    runtime,
  });
  await process.connect();
  // One implementation for all contracts: their types are the interface's alone.
  return new SwarmServer(process) as unknown as Server<C>;
}

/** The implementation of {@link Server}. */
class SwarmServer extends RoutedCalls implements Server {
  readonly #process: Process;
  readonly #opening: Opening;
  #isOpen = true;
  /** Nodes that wait for the swarm to know them. */
  #making = 0;

  constructor(process: Process) {
    super(process, { via: 'server', from: null }, {});
    this.#process = process;
    this.#opening = new Opening(process.clock.runtime);
  }

  get nodes(): ReadonlyMap<string, ServerNode> {
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

  get isLinked(): boolean {
    return this.#process.isLinked;
  }

  get client(): Handlers<NodeHandler> {
    return this.#process.handlers.client;
  }

  get remoteClient(): RemoteClientSurface<NodeHandler> {
    const { handlers } = this.#process;
    return new RemoteClientSurface(this.#process, null, () => handlers.remoteClient);
  }

  on(name: string, handler: NodeHandler): () => void {
    return this.#process.handlers.server.on(name, handler);
  }

  implement(table: HandlerTable<NodeHandler>): () => void {
    return this.#process.handlers.server.implement(table);
  }

  use(middleware: NodeMiddleware): () => void {
    const process = this.#process;
    const added = addMiddleware(process.middleware, middleware);
    process.middleware = added.list;
    return () => {
      process.middleware = process.middleware.filter((other) => other !== added.entry);
    };
  }

  async createNode(socket: Socket | EventSocket, options: NodeOptions = {}): Promise<ServerNode> {
    const process = this.#process;
    const { auth = null, data = null, dialect } = options;
    if (options.id !== undefined) checkChosen(options.id);
    const id = options.id ?? process.newNodeId();
    const identity = { id, auth, data };
    const node = new ServerNode(process, toSocket(socket), dialect ?? swarmJson, identity);
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

  #admit(node: ServerNode): void {
    const { router, limits } = this.#process;
    if (!this.#isOpen) throw protocolError('closed', 'no', 'the server is closed');
    if (this.#opening.size + this.#making > limits.openingNodesMax) {
      throw protocolError('overloaded', 'no', `openingNodesMax: ${limits.openingNodesMax}`);
    }
    if (!node.isOpen) throw protocolError('closed', 'no', 'the socket is closed');
    router.add(node.id, node);
  }

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

function checkChosen(id: unknown): void {
  if (!isNodeId(id)) throw new TypeError('a node id is a text of 1 to 128 bytes');
  if (processOf(id) !== null) throw new TypeError(`looks like a generated id: ${id}`);
}

/** Close the socket of a node that could not be made, so that its client knows what to do. */
function refuse(node: ServerNode, error: unknown): void {
  const subtype = SwarmError.is(error) ? error.subtype : null;
  if (subtype === 'forbidden') node.close(4409, 'taken');
  else if (subtype === 'closed') node.shut(1001, 'the server is closing');
  else node.shut(1013, 'no room, or no way into the swarm');
}
