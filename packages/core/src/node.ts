import type { Node, NodeEvents } from './api.ts';
import { RoutedCalls } from './callers.ts';
import type { CallOptions, Outlet } from './calls.ts';
import type { Handler, Middleware } from './chain.ts';
import { Connection, type ConnectionConfig } from './connection.ts';
import type { Context, ContextKind, Incoming, Origin } from './context.ts';
import type { Contract } from './contract.ts';
import { Emitter } from './emitter.ts';
import type { Dialect, EventFrame, InitInfo, RequestFrame } from './frame.ts';
import { isCloseCode, isReason } from './guard.ts';
import { Handlers } from './handlers.ts';
import type { Call, Notice } from './machine/contract.ts';
import type { ServedRequest } from './machine/served.ts';
import type { Socket } from './socket.ts';
import { ClientSurface, RemoteClientSurface } from './surface.ts';

export type NodeContext = Context<ServerNode>;
export type NodeHandler = Handler<NodeContext>;
export type NodeMiddleware = Middleware<NodeContext>;

/** What a node needs of its server. */
export interface NodeServer extends ConnectionConfig, Outlet {
  run(origin: Origin<ServerNode>, incoming: Incoming): void;
  readonly contract: Contract | undefined;
  /** The node's client said who it is. */
  introduced(node: ServerNode, info: InitInfo): void;
  /** The node's conversation is over. */
  ended(node: ServerNode, reason: string): void;
}

/** Who a client is, as the server's side knows it. */
export interface NodeIdentity {
  readonly id: string;
  readonly auth: unknown;
  readonly data: unknown;
}

const NO_OPTIONS: CallOptions = {};

type OwnHandlers = { [Kind in ContextKind]?: Handlers<NodeHandler> };

/**
 * The implementation of {@link Node}. There may be very many: a node shares its server's handlers,
 * and makes handlers, emitter and surfaces of its own only when asked.
 */
export class ServerNode extends RoutedCalls implements Node {
  readonly id: string;
  readonly auth: unknown;
  data: unknown;
  readonly #server: NodeServer;
  readonly #connection: Connection;
  #isOpen = true;
  #own: OwnHandlers | null = null;
  #events: Emitter<NodeEvents> | null = null;

  constructor(server: NodeServer, socket: Socket, dialect: Dialect, identity: NodeIdentity) {
    super(server, { via: 'server', from: identity.id }, NO_OPTIONS);
    this.#server = server;
    this.id = identity.id;
    // Views of bytes cannot be frozen.
    const { auth } = identity;
    this.auth = ArrayBuffer.isView(auth) ? auth : Object.freeze(auth);
    this.data = identity.data;
    this.#connection = new Connection(this, socket, dialect, server);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get events(): Emitter<NodeEvents> {
    this.#events ??= new Emitter();
    return this.#events;
  }

  get client(): ClientSurface<NodeHandler> {
    return new ClientSurface(this.#connection, () => this.#ownHandlers('client'));
  }

  get remoteClient(): RemoteClientSurface<NodeHandler> {
    const handlers = () => this.#ownHandlers('remoteClient');
    return new RemoteClientSurface(this.#server, this.id, handlers);
  }

  on(name: string, handler: NodeHandler): () => void {
    return this.#ownHandlers('server').on(name, handler);
  }

  close(code = 1000, reason = 'closed by the node'): void {
    if (!isCloseCode(code) || !isReason(reason)) {
      throw new TypeError(`a close code is 1000 to 4999, a reason at most 123 bytes: ${code}`);
    }
    this.#connection.close(code, reason);
  }

  /** End the conversation; the client may come back if the code lets it. */
  shut(code: number, reason: string): void {
    this.#connection.shut(code, reason);
  }

  /** Let the conversation begin. */
  open(): void {
    this.#connection.open({ node: this.id, contract: this.#server.contract?.info });
  }

  introduced(info: InitInfo): void {
    this.#server.introduced(this, info);
  }

  own(kind: ContextKind): Handlers<NodeHandler> | null {
    return this.#own?.[kind] ?? null;
  }

  /** A request or event of the client. */
  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void {
    this.#server.run({ kind: 'client', node: this, sender: null, request }, frame);
  }

  ended(code: number, reason: string): void {
    this.#isOpen = false;
    this.#server.ended(this, reason);
    this.#events?.emit('close', code, reason);
  }

  /** Pass a call on to the client; what cancels it cancels this one too. */
  forward(call: Call, request: ServedRequest): void {
    const forwarded = this.#connection.request(null, call);
    request.onAbort(() => this.#connection.cancel(forwarded));
  }

  forwardEvent(notice: Notice): void {
    this.#connection.emit(null, notice);
  }

  #ownHandlers(kind: ContextKind): Handlers<NodeHandler> {
    this.#own ??= {};
    this.#own[kind] ??= new Handlers();
    return this.#own[kind];
  }
}
