import type { CallOptions } from './calls.ts';
import type { Context } from './context.ts';
import type { Emitter } from './emitter.ts';
import type { SwarmError } from './errors.ts';
import type { ContractInfo, Dialect } from './frame.ts';
import type { Limits } from './limits.ts';
import type { EventSocket, Socket } from './socket.ts';
import type {
  AnyContract,
  CallArgs,
  CallResult,
  CallTree,
  EventName,
  FnName,
  GroupOf,
  HandlerName,
  HandlerOf,
  HandlersOf,
  RewriterOf,
  RewritersOf,
} from './typed.ts';

/** Asks the other end of a socket. */
export interface Calls<G> {
  /** Functions by name, as properties: `call.orders.create(…)`, `call.orders.create.safe(…)`. */
  readonly call: CallTree<G>;
  /**
   * Ask, and wait for the answer. Rejects with a `SwarmError`, or a TypeError for a call that could
   * never be sent.
   */
  send<N extends FnName<G>>(name: N, ...args: CallArgs<G, N>): Promise<CallResult<G, N>>;
  /**
   * Tell, without an answer. False when the event certainly did not leave: the line is down or
   * full.
   *
   * @throws SwarmError `too_large` or `invalid`, and TypeError, for what could never be sent.
   */
  emit<N extends EventName<G>>(name: N, ...args: CallArgs<G, N>): boolean;
  /** The same calls with a timeout, a signal or `meta`. */
  with(options: CallOptions): Calls<G>;
}

/** Asks any node, wherever it lives, or through it its client. */
export interface NodeCalls<G> {
  /** The functions of the node `id`, as properties. */
  call(id: string): CallTree<G>;
  /** Ask the node `id`, and wait for the answer. */
  send<N extends FnName<G>>(
    id: string,
    name: N,
    ...args: CallArgs<G, N>
  ): Promise<CallResult<G, N>>;
  /** Tell the node `id`, without an answer. False when the event certainly did not leave. */
  emit<N extends EventName<G>>(id: string, name: N, ...args: CallArgs<G, N>): boolean;
  with(options: CallOptions): NodeCalls<G>;
}

/** Answers a group of names. */
export interface Handling<G, N> {
  /**
   * Answer `name`, an exact name or a pattern (`*` is one segment, a last `>` the rest), after the
   * handlers registered before. Returns what removes the handler.
   */
  on<Name extends HandlerName<G>>(name: Name, handler: HandlerOf<G, Name, N>): () => void;
  /** Answer every function of the group. Returns what removes all these handlers. */
  implement(table: HandlersOf<G, N>): () => void;
}

/** Stands between other nodes and a client. */
export interface Rewriting<G, N> {
  /**
   * See what goes to the client as `name`: return a list to replace the arguments, `undefined` to
   * keep them; `ctx.answer(value)` answers without asking the client. Returns what removes it.
   */
  on<Name extends HandlerName<G>>(name: Name, handler: RewriterOf<G, Name, N>): () => void;
  /** Register a table of these. Returns what removes them all. */
  implement(table: RewritersOf<G, N>): () => void;
}

/** Runs around all handlers; `next(args?)` runs what is inside, at most once. */
export type Middleware<N> = {
  bivariant(ctx: Context<N>, next: (args?: readonly unknown[]) => unknown): unknown;
}['bivariant'];

/** The server-side stand-in of one client. */
export interface Node<C extends AnyContract = undefined> extends NodeCalls<GroupOf<C, 'server'>> {
  readonly id: string;
  /** What `accept` said of the client; frozen. */
  readonly auth: unknown;
  /** The application's own. */
  data: unknown;
  /** False once the node is closed; it never opens again. */
  readonly isOpen: boolean;
  readonly events: Emitter<NodeEvents>;
  /** This node's own client: asked, and answered. */
  readonly client: Calls<GroupOf<C, 'client'>> & Handling<GroupOf<C, 'node'>, Node<C>>;
  /** The clients of other nodes, asked in this node's name; and what stands before this one's. */
  readonly remoteClient: NodeCalls<GroupOf<C, 'client'>> & Rewriting<GroupOf<C, 'client'>, Node<C>>;
  /** Answer other nodes, after the handlers all nodes share. Returns what removes it. */
  on<Name extends HandlerName<GroupOf<C, 'server'>>>(
    name: Name,
    handler: HandlerOf<GroupOf<C, 'server'>, Name, Node<C>>,
  ): () => void;
  /**
   * End the conversation for good: the client is told not to come back. Idempotent. The code is of
   * RFC 6455 §7.4 or one of yours from 4000 on, the reason at most 123 bytes.
   *
   * @throws TypeError for another code or a longer reason.
   */
  close(code?: number, reason?: string): void;
}

/** What a node tells. */
export interface NodeEvents {
  /** The client is gone, or the node was closed. */
  close: readonly [code: number, reason: string];
}

/** One process's part of a swarm: its nodes, and what they all do. */
export interface Server<C extends AnyContract = undefined>
  extends NodeCalls<GroupOf<C, 'server'>>,
    Handling<GroupOf<C, 'server'>, Node<C>> {
  readonly limits: Limits;
  readonly isOpen: boolean;
  /** Whether other processes can be reached now; what stays in this one always goes on. */
  readonly isLinked: boolean;
  readonly events: Emitter<ServerEvents<C>>;
  /** The nodes of this process, by id. */
  readonly nodes: ReadonlyMap<string, Node<C>>;
  /** What every node answers its client. */
  readonly client: Handling<GroupOf<C, 'node'>, Node<C>>;
  /** The clients of all nodes, and what stands before them. */
  readonly remoteClient: NodeCalls<GroupOf<C, 'client'>> & Rewriting<GroupOf<C, 'client'>, Node<C>>;
  /** Run `middleware` around all handlers of all nodes. Returns what removes it. */
  use(middleware: Middleware<Node<C>>): () => void;
  /**
   * Make the node of a client that is connected by `socket`. Messages that are there already are
   * kept until the code that awaits this has registered its handlers.
   *
   * Rejects with `closed` when server or socket is closed meanwhile, `forbidden` when the id is
   * taken and its owner keeps it, `overloaded` when too many nodes are being made; the socket is
   * closed then. A TypeError is for an id that no node can have.
   */
  createNode(socket: Socket | EventSocket, options?: NodeOptions): Promise<Node<C>>;
  /** Leave the swarm. Clients are closed with 1001, so that they come back elsewhere. Final. */
  close(): Promise<void>;
}

/** What an adapter for sockets needs of a server, whatever its contract. */
export interface SocketServer {
  readonly limits: Limits;
  readonly isOpen: boolean;
  readonly events: {
    on(name: 'close', listener: () => void): () => void;
    emit(name: 'refused', info: { readonly status: number; readonly cause: unknown }): void;
  };
  createNode(socket: Socket, options: NodeOptions): Promise<unknown>;
}

/** How a node is made. */
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

/** What a server tells of its nodes and their clients. */
export interface ServerEvents<C extends AnyContract = undefined> {
  /** A node is ready; its client has not been heard yet, so handlers registered now miss nothing. */
  connection: readonly [node: Node<C>];
  /** A node can be reached in this process / no longer. */
  joined: readonly [id: string];
  left: readonly [id: string, reason: string];
  /** A connection was refused with this HTTP status, and the error behind it if there was one. */
  refused: readonly [info: { readonly status: number; readonly cause: unknown }];
  /** A client was built with another contract. It may go on. */
  mismatch: readonly [info: Mismatch, node: Node<C>];
  /** The handlers of an event failed: nobody waits for it who could be told. */
  error: readonly [error: unknown, ctx: Context<Node<C>>];
  /** The way to other processes is open, again where there was one before. */
  linked: readonly [];
  /** It is not, from now on: what was in flight on it has failed. */
  unlinked: readonly [cause: unknown];
  /** The next attempt to open it comes after this delay; the cause is of the one before. */
  relinking: readonly [
    info: { readonly attempt: number; readonly delayMs: number; readonly cause: unknown },
  ];
  close: readonly [];
}

/** The contracts of two ends that differ. */
export interface Mismatch {
  readonly ours: ContractInfo;
  readonly theirs: ContractInfo;
}

/** One end of a conversation: it asks its node, and answers it. */
export interface Client<C extends AnyContract = undefined>
  extends Calls<GroupOf<C, 'node'>>,
    Handling<GroupOf<C, 'client'>, null> {
  readonly isOpen: boolean;
  /** Id of our node, once the server has told. */
  readonly id: string | null;
  readonly events: Emitter<ClientEvents>;
  /** Run `middleware` around all handlers. Returns what removes it. */
  use(middleware: Middleware<null>): () => void;
  /**
   * Resolves when the conversation is open. Rejects when the client is closed or turned away, or
   * with `timeout` when it is not open within the time to get open; it goes on trying then.
   */
  ready(): Promise<void>;
  /** End the conversation for good; what is in flight fails. Idempotent, also while connecting. */
  close(): void;
}

/** What a client tells of its connection. */
export interface ClientEvents {
  /** The conversation is open, for the first time or again. */
  open: readonly [];
  /** An open conversation has ended; what was in flight has failed. */
  close: readonly [info: { readonly code: number; readonly reason: string }];
  /** The next attempt to connect comes after this delay. */
  reconnecting: readonly [info: { readonly attempt: number; readonly delayMs: number }];
  /** It is over for good, and not by `close()`. */
  failed: readonly [error: SwarmError];
  /** The server was built with another contract. It may go on. */
  mismatch: readonly [info: Mismatch];
  /** The handlers of an event failed: nobody waits for it who could be told. */
  error: readonly [error: unknown, ctx: Context<null>];
}
