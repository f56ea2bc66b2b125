import { ask, type CallOptions, NodeCalls, type Outlet, tell } from './calls.ts';
import type { Handler, Middleware } from './chain.ts';
import { Connection, type ConnectionConfig } from './connection.ts';
import type { Context, ContextKind, Incoming, Origin } from './context.ts';
import { Emitter } from './emitter.ts';
import type { Dialect, EventFrame, RequestFrame } from './frame.ts';
import { isCloseCode, isReason } from './guard.ts';
import { Handlers } from './handlers.ts';
import type { Call, Notice } from './machine/contract.ts';
import type { ServedRequest } from './machine/served.ts';
import type { Socket } from './socket.ts';
import { ClientSurface, RemoteClientSurface } from './surface.ts';

export type NodeContext = Context<Node>;
export type NodeHandler = Handler<NodeContext>;
export type NodeMiddleware = Middleware<NodeContext>;

export interface NodeEvents {
  /** The client is gone, or the node was closed. The code is of RFC 6455 §7.4, or 44xx of ours. */
  close: readonly [code: number, reason: string];
}

/** What a node needs of its server. */
export interface NodeServer extends ConnectionConfig, Outlet {
  run(origin: Origin<Node>, incoming: Incoming): void;
  /** The node's conversation is over. */
  ended(node: Node, reason: string): void;
}

/** Who a client is, as the server's side knows it. */
export interface NodeIdentity {
  readonly id: string;
  readonly auth: unknown;
  readonly data: unknown;
}

type OwnHandlers = { [Kind in ContextKind]?: Handlers<NodeHandler> };

/**
 * The server-side stand-in of one client. There may be very many: a node shares its server's
 * handlers, and makes handlers, emitter and surfaces of its own only when asked.
 */
export class Node {
  readonly id: string;
  /** What the application's `accept` said of the client; frozen. */
  readonly auth: unknown;
  /** The application's own. */
  data: unknown;
  readonly #server: NodeServer;
  readonly #connection: Connection;
  #isOpen = true;
  #own: OwnHandlers | null = null;
  #events: Emitter<NodeEvents> | null = null;

  /** @internal */
  constructor(server: NodeServer, socket: Socket, dialect: Dialect, identity: NodeIdentity) {
    this.#server = server;
    this.id = identity.id;
    // Views of bytes cannot be frozen.
    const { auth } = identity;
    this.auth = ArrayBuffer.isView(auth) ? auth : Object.freeze(auth);
    this.data = identity.data;
    this.#connection = new Connection(this, socket, dialect, server);
  }

  /** False once the node is closed; it never opens again. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get events(): Emitter<NodeEvents> {
    this.#events ??= new Emitter();
    return this.#events;
  }

  /** This node's own client. */
  get client(): ClientSurface<NodeHandler> {
    return new ClientSurface(this.#connection, () => this.#ownHandlers('client'));
  }

  /** The clients of other nodes, asked in this node's name. */
  get remoteClient(): RemoteClientSurface<NodeHandler> {
    const handlers = () => this.#ownHandlers('remoteClient');
    return new RemoteClientSurface(this.#server, this.id, handlers);
  }

  /** Answer other nodes, after the handlers all nodes share. Returns what removes it. */
  on(name: string, handler: NodeHandler): () => void {
    return this.#ownHandlers('server').on(name, handler);
  }

  /** Ask another node. */
  send(id: string, name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#server, { to: id, via: 'server', from: this.id }, {}, name, args);
  }

  /** Tell another node. False when the event certainly did not leave. */
  emit(id: string, name: string, ...args: unknown[]): boolean {
    return tell(this.#server, { to: id, via: 'server', from: this.id }, {}, name, args);
  }

  with(options: CallOptions): NodeCalls {
    return new NodeCalls(this.#server, { via: 'server', from: this.id }, options);
  }

  /**
   * End the conversation for good: the client is told not to come back. Idempotent. The code is of
   * RFC 6455 §7.4 or one of yours from 4000 on, the reason at most 123 bytes.
   *
   * @throws TypeError for another code or a longer reason.
   */
  close(code = 1000, reason = 'closed by the node'): void {
    if (!isCloseCode(code) || !isReason(reason)) {
      throw new TypeError(`a close code is 1000 to 4999, a reason at most 123 bytes: ${code}`);
    }
    this.#connection.close(code, reason);
  }

  /** End the conversation; the client may come back if the code lets it. @internal */
  shut(code: number, reason: string): void {
    this.#connection.shut(code, reason);
  }

  /** Let the conversation begin. @internal */
  open(): void {
    this.#connection.open();
  }

  /** @internal */
  own(kind: ContextKind): Handlers<NodeHandler> | null {
    return this.#own?.[kind] ?? null;
  }

  /** A request or event of the client. @internal */
  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void {
    this.#server.run({ kind: 'client', node: this, sender: null, request }, frame);
  }

  /** @internal */
  ended(code: number, reason: string): void {
    this.#isOpen = false;
    this.#server.ended(this, reason);
    this.#events?.emit('close', code, reason);
  }

  /** Pass a call on to the client; what cancels it cancels this one too. @internal */
  forward(call: Call, request: ServedRequest): void {
    const forwarded = this.#connection.request(null, call);
    request.onAbort(() => this.#connection.cancel(forwarded));
  }

  /** @internal */
  forwardEvent(notice: Notice): void {
    this.#connection.emit(null, notice);
  }

  #ownHandlers(kind: ContextKind): Handlers<NodeHandler> {
    this.#own ??= {};
    this.#own[kind] ??= new Handlers();
    return this.#own[kind];
  }
}
