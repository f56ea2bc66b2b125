import type { Client, ClientEvents } from './api.ts';
import { SocketCalls } from './callers.ts';
import { type CallOptions, checkTimeout } from './calls.ts';
import { addMiddleware, type Handler, type Middleware } from './chain.ts';
import { Clock } from './clock.ts';
import { Context } from './context.ts';
import type { Contract } from './contract.ts';
import { dispatch } from './dispatch.ts';
import { Emitter } from './emitter.ts';
import { END_LIMITS, type EndLimits } from './end-limits.ts';
import { protocolError, type SwarmError } from './errors.ts';
import type { Dialect, EventFrame, InitInfo, RequestFrame } from './frame.ts';
import { Handlers, type HandlerTable, select } from './handlers.ts';
import { Line, type LineConfig, type LineHost } from './line.ts';
import type { ServedRequest } from './machine/served.ts';
import { platformRuntime, type Runtime } from './runtime.ts';
import type { Socket } from './socket.ts';
import type { AnyContract, CallTree } from './typed.ts';

export type ClientContext = Context<null>;
export type ClientHandler = Handler<ClientContext>;
export type ClientMiddleware = Middleware<ClientContext>;

/** How a client connects, waits and comes back. */
export interface ClientOptions<C extends AnyContract = undefined> {
  /** Types and checks names, arguments and results; default none. */
  readonly contract?: C;
  /** Time for an answer where a call does not say, in ms; default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Whether to connect again after this close; default: unless we were sent away for good. */
  readonly reconnect?: boolean | ((code: number, reason: string) => boolean);
  /** Queue calls while a lost connection is made again; default false: they fail at once. */
  readonly queueWhileDown?: boolean;
  /** Time to get a connection open, in ms; default 10,000. */
  readonly openTimeoutMs?: number;
  /** Silence after which the server is asked whether it lives, in ms; default 15,000. */
  readonly pingIntervalMs?: number;
  /** The delay before connecting again is random, up to base * 2^attempt but at most the cap. */
  readonly backoffBaseMs?: number;
  readonly backoffCapMs?: number;
  /** What the two ends speak; default `swarm.json`, as for `createNode`. */
  readonly dialect?: Dialect | undefined;
  readonly limits?: Partial<EndLimits>;
  readonly runtime?: Runtime;
}

/**
 * The client of a node, over a socket that is there, or over sockets that `dial` makes whenever
 * one is needed. Calls made before the conversation is open wait for it.
 */
export function createClient<C extends AnyContract = undefined>(
  source: Source,
  options: ClientOptions<C> & WithDialect,
): Client<C> {
  // One implementation for all contracts: their types are the interface's alone.
  return new SocketClient(source, options) as unknown as Client<C>;
}

/** Codes after which another attempt would end the same way. */
const SENT_AWAY: ReadonlySet<number> = new Set([1000, 1002, 1003, 1007, 1008, 1010]);

function reconnectByDefault(code: number): boolean {
  const isOurs = code >= 4000 && code < 5000 && code !== 4408;
  return !SENT_AWAY.has(code) && !isOurs;
}

/** The implementation of {@link Client}. */
class SocketClient implements Client, LineHost {
  readonly events: Emitter<ClientEvents> = new Emitter();
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #readyTimeoutMs: number;
  readonly #handlers: Handlers<ClientHandler> = new Handlers();
  #middleware: readonly ClientMiddleware[] = [];
  #end: SwarmError | null = null;
  #isClosing = false;
  /** Those who wait for {@link ready}. */
  readonly #waiting: Set<(error: SwarmError | null) => void> = new Set();
  readonly #calls: SocketCalls;
  readonly #contract: Contract | undefined;
  #id: string | null = null;

  constructor(source: Source, options: ClientOptions<AnyContract> & WithDialect) {
    const {
      requestTimeoutMs = 10_000,
      openTimeoutMs = 10_000,
      runtime = platformRuntime,
    } = options;
    const { queueWhileDown = false, pingIntervalMs = 15_000, dialect } = options;
    const { backoffBaseMs = 100, backoffCapMs = 15_000 } = options;
    checkTimeout(requestTimeoutMs);
    this.#clock = new Clock(runtime);
    this.#contract = options.contract;
    this.#readyTimeoutMs = openTimeoutMs;
    const config: LineConfig = {
      clock: this.#clock,
      wheel: this.#clock.wheel,
      dialect,
      requestTimeoutMs,
      contract: options.contract,
      queueWhileDown,
      openTimeoutMs,
      pingIntervalMs,
      backoffBaseMs,
      backoffCapMs,
      limits: { ...END_LIMITS, ...options.limits },
      dial: typeof source === 'function' ? source : () => source,
      // A socket that was handed over cannot be made again.
      reconnect: typeof source === 'function' ? toReconnect(options.reconnect) : () => false,
    };
    this.#line = new Line(this, config);
    this.#calls = new SocketCalls(this.#line, {});
    this.#line.dial();
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  get id(): string | null {
    return this.#id;
  }

  get call(): CallTree<'untyped'> {
    return this.#calls.call;
  }

  send(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#calls.send(name, ...args);
  }

  emit(name: string, ...args: unknown[]): boolean {
    return this.#calls.emit(name, ...args);
  }

  with(options: CallOptions): SocketCalls {
    return this.#calls.with(options);
  }

  on(name: string, handler: ClientHandler): () => void {
    return this.#handlers.on(name, handler);
  }

  implement(table: HandlerTable<ClientHandler>): () => void {
    return this.#handlers.implement(table);
  }

  use(middleware: ClientMiddleware): () => void {
    const added = addMiddleware(this.#middleware, middleware);
    this.#middleware = added.list;
    return () => {
      this.#middleware = this.#middleware.filter((other) => other !== added.entry);
    };
  }

  ready(): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const settle = (error: SwarmError | null) => {
        cancel();
        this.#waiting.delete(settle);
        if (error === null) resolve();
        else reject(error);
      };
      const cancel = this.#clock.runtime.setTimer(() => {
        settle(protocolError('timeout', 'no', 'the connection is not open yet'));
      }, this.#readyTimeoutMs);
      this.#waiting.add(settle);
    });
  }

  close(): void {
    this.#isClosing = true;
    this.#line.close();
  }

  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void {
    const handlers = select(frame.name, this.#handlers, null);
    const ctx = new Context({ kind: 'client', node: null, sender: null, request }, frame);
    const definition = this.#contract?.definitions.client.get(frame.name);
    const chain = { middleware: this.#middleware, handlers, definition, last: null };
    dispatch(chain, ctx, this.#failed);
  }

  readonly #failed = (error: unknown, ctx: ClientContext): void => {
    this.events.emit('error', error, ctx);
  };

  opened({ node, contract: theirs }: InitInfo): void {
    this.#id = node ?? null;
    for (const settle of [...this.#waiting]) settle(null);
    this.events.emit('open');
    const ours = this.#contract?.info;
    if (ours === undefined || theirs === undefined || ours.hash === theirs.hash) return;
    this.events.emit('mismatch', { ours, theirs });
  }

  reconnecting(attempt: number, delayMs: number): void {
    this.events.emit('reconnecting', { attempt, delayMs });
  }

  lost(code: number, reason: string): void {
    this.events.emit('close', { code, reason });
  }

  ended(error: SwarmError): void {
    this.#end = error;
    this.#clock.stop();
    for (const settle of [...this.#waiting]) settle(error);
    if (!this.#isClosing) this.events.emit('failed', error);
  }
}

/** A client brings its dialect along, so that a bundle has no other. */
export interface WithDialect {
  readonly dialect: Dialect;
}

/** A socket that is there, or what makes one whenever one is needed. */
export type Source = Socket | (() => Socket);

function toReconnect(
  option: ClientOptions['reconnect'] = reconnectByDefault,
): (code: number, reason: string) => boolean {
  if (typeof option === 'function') return option;
  return option ? reconnectByDefault : () => false;
}
