import { ask, type CallOptions, Calls, tell } from './calls.ts';
import { addMiddleware, type Handler, type Middleware } from './chain.ts';
import { Clock } from './clock.ts';
import { Context } from './context.ts';
import { dispatch } from './dispatch.ts';
import { Emitter } from './emitter.ts';
import { protocolError, type SwarmError } from './errors.ts';
import type { Dialect, EventFrame, RequestFrame } from './frame.ts';
import { Handlers, type HandlerTable, select } from './handlers.ts';
import { swarmJson } from './json-dialect.ts';
import { LIMITS, type Limits } from './limits.ts';
import { Line, type LineConfig, type LineHost } from './line.ts';
import type { ServedRequest } from './machine/served.ts';
import { platformRuntime, type Runtime } from './runtime.ts';
import { type EventSocket, type Socket, toSocket } from './socket.ts';

export type ClientContext = Context<null>;
export type ClientHandler = Handler<ClientContext>;
export type ClientMiddleware = Middleware<ClientContext>;

export interface ClientEvents {
  /** The conversation is open, for the first time or again. */
  open: readonly [];
  /** An open conversation has ended; what was in flight has failed. */
  close: readonly [info: { readonly code: number; readonly reason: string }];
  /** The next attempt to connect comes after this delay. */
  reconnecting: readonly [info: { readonly attempt: number; readonly delayMs: number }];
  /** It is over for good, and not by `close()`. */
  failed: readonly [error: SwarmError];
  /** The handlers of an event failed: nobody waits for it who could be told. */
  error: readonly [error: unknown, ctx: ClientContext];
}

export interface ClientOptions {
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
  readonly dialect?: Dialect;
  readonly limits?: Partial<Limits>;
  readonly runtime?: Runtime;
}

/**
 * The client of a node, over a socket that is there, or over sockets that `dial` makes whenever
 * one is needed. Calls made before the conversation is open wait for it.
 */
export function createClient(source: Source, options: ClientOptions = {}): Client {
  return new Client(source, options);
}

/** Codes after which another attempt would end the same way. */
const SENT_AWAY: ReadonlySet<number> = new Set([1000, 1002, 1003, 1007, 1008, 1010]);

function reconnectByDefault(code: number): boolean {
  const isOurs = code >= 4000 && code < 5000 && code !== 4408;
  return !SENT_AWAY.has(code) && !isOurs;
}

/** One end of a conversation: it asks its node, and answers it. */
export class Client implements LineHost {
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

  /** @internal */
  constructor(source: Source, options: ClientOptions) {
    const {
      requestTimeoutMs = 10_000,
      openTimeoutMs = 10_000,
      runtime = platformRuntime,
    } = options;
    const { queueWhileDown = false, pingIntervalMs = 15_000, dialect = swarmJson } = options;
    const { backoffBaseMs = 100, backoffCapMs = 15_000 } = options;
    this.#clock = new Clock(runtime);
    this.#readyTimeoutMs = openTimeoutMs;
    const config: LineConfig = {
      ...{ clock: this.#clock, wheel: this.#clock.wheel, dialect, requestTimeoutMs },
      ...{ queueWhileDown, openTimeoutMs, pingIntervalMs, backoffBaseMs, backoffCapMs },
      limits: { ...LIMITS, ...options.limits },
      dial: () => toSocket(typeof source === 'function' ? source() : source),
      // A socket that was handed over cannot be made again.
      reconnect: typeof source === 'function' ? toReconnect(options.reconnect) : () => false,
    };
    this.#line = new Line(this, config);
    this.#line.dial();
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  /** Ask the node, and wait for the answer. */
  send(name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#line, null, {}, name, args);
  }

  /** Tell the node, without an answer. False when the event certainly did not leave. */
  emit(name: string, ...args: unknown[]): boolean {
    return tell(this.#line, null, {}, name, args);
  }

  with(options: CallOptions): Calls {
    return new Calls(this.#line, options);
  }

  /** Answer the node, by an exact name or a pattern. Returns what removes the handler. */
  on(name: string, handler: ClientHandler): () => void {
    return this.#handlers.on(name, handler);
  }

  /** Register a whole table of handlers, and return what removes it. */
  implement(table: HandlerTable<ClientHandler>): () => void {
    return this.#handlers.implement(table);
  }

  /** Run `middleware` around all handlers, inside that used before. Returns what removes it. */
  use(middleware: ClientMiddleware): () => void {
    const added = addMiddleware(this.#middleware, middleware);
    this.#middleware = added.list;
    return () => {
      this.#middleware = this.#middleware.filter((other) => other !== added.entry);
    };
  }

  /**
   * Resolves when the conversation is open. Rejects when the client is closed or turned away, or
   * with `timeout` when it is not open within the time to get open; it goes on trying then.
   */
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

  /** End the conversation for good; what is in flight fails. Idempotent, also while connecting. */
  close(): void {
    this.#isClosing = true;
    this.#line.close();
  }

  /** @internal */
  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void {
    const handlers = select(frame.name, this.#handlers, null);
    const ctx = new Context({ kind: 'client', node: null, sender: null, request }, frame);
    dispatch({ middleware: this.#middleware, handlers, last: null }, ctx, this.#failed);
  }

  readonly #failed = (error: unknown, ctx: ClientContext): void => {
    this.events.emit('error', error, ctx);
  };

  /** @internal */
  opened(): void {
    for (const settle of [...this.#waiting]) settle(null);
    this.events.emit('open');
  }

  /** @internal */
  reconnecting(attempt: number, delayMs: number): void {
    this.events.emit('reconnecting', { attempt, delayMs });
  }

  /** @internal */
  lost(code: number, reason: string): void {
    this.events.emit('close', { code, reason });
  }

  /** @internal */
  ended(error: SwarmError): void {
    this.#end = error;
    this.#clock.stop();
    for (const settle of [...this.#waiting]) settle(error);
    if (!this.#isClosing) this.events.emit('failed', error);
  }
}

type Source = Socket | EventSocket | (() => Socket | EventSocket);

function toReconnect(
  option: ClientOptions['reconnect'] = reconnectByDefault,
): (code: number, reason: string) => boolean {
  if (typeof option === 'function') return option;
  return option ? reconnectByDefault : () => false;
}
