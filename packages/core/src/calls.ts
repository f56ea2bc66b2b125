import { Body } from './body.ts';
import type { Clock } from './clock.ts';
import { protocolError, SwarmError } from './errors.ts';
import type { Meta } from './frame.ts';
import { isMeta, isName, isNodeId } from './guard.ts';
import type { Limits } from './limits.ts';
import type { OpenRequest } from './machine/asked.ts';
import type { Call, Notice, Outcome, Route, Settler } from './machine/contract.ts';
import type { Signal, SignalLike } from './signal.ts';

/** What a call may bring besides its name and arguments. */
export interface CallOptions {
  /** How long to wait for the answer, in ms; the default is the client's or server's. */
  readonly timeoutMs?: number | undefined;
  /** Gives up when aborted; the other end is told. */
  readonly signal?: Signal | undefined;
  /** Travels along untouched: strings, at most 1 KiB in all. */
  readonly meta?: Meta | undefined;
}

/** Where calls leave by. A route says to which node, where the way out leads to more than one. */
export interface Outlet {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly requestTimeoutMs: number;
  request(route: Route | null, call: Call): OpenRequest;
  emit(route: Route | null, notice: Notice): void;
  cancel(request: OpenRequest): void;
}

/**
 * Send a request and wait for its answer.
 *
 * Rejects with the answering end's error; with `timeout`, `cancelled`, `closed`, `unreachable`,
 * `overloaded` or `too_large`; with `invalid`/`yes` when the answer cannot be decoded; or with a
 * TypeError for a name, arguments or options that could never be sent.
 */
export function ask(
  outlet: Outlet,
  route: Route | null,
  options: CallOptions,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { timeoutMs = outlet.requestTimeoutMs } = options;
    const signal: SignalLike | undefined = options.signal;
    const max = outlet.limits.timeoutMsMax;
    if (typeof timeoutMs !== 'number' || !(timeoutMs > 0 && timeoutMs <= max)) {
      throw new TypeError(`timeoutMs is a number from 1 to ${max}: ${timeoutMs}`);
    }
    const notice = toNotice(route, options.meta, name, args);
    if (signal?.aborted) throw protocolError('cancelled', 'no', 'cancelled before it was sent');
    const asking = new Asking(resolve, reject);
    const deadlineMs = outlet.clock.nowMs() + timeoutMs;
    const request = outlet.request(route, { ...notice, deadlineMs, settler: asking });
    if (signal !== undefined) asking.listen(signal, () => outlet.cancel(request));
  });
}

/**
 * Send an event. False when it certainly did not leave: the link is down, or full.
 *
 * @throws SwarmError `too_large`, and TypeError for what could never be sent.
 */
export function tell(
  outlet: Outlet,
  route: Route | null,
  options: CallOptions,
  name: string,
  args: readonly unknown[],
): boolean {
  try {
    outlet.emit(route, toNotice(route, options.meta, name, args));
    return true;
  } catch (error) {
    if (SwarmError.is(error) && error.subtype !== 'too_large') return false;
    throw error;
  }
}

function toNotice(
  route: Route | null,
  meta: Meta | undefined,
  name: string,
  args: readonly unknown[],
): Notice {
  if (!isName(name)) throw new TypeError('a name is a text of 1 to 256 bytes');
  if (route !== null && !isNodeId(route.to)) {
    throw new TypeError('a node id is a text of 1 to 128 bytes');
  }
  if (meta !== undefined && (!isMeta(meta) || Object.hasOwn(meta, '__proto__'))) {
    throw new TypeError('meta is strings, at most 1 KiB in all');
  }
  return { name, body: Body.of(args), meta };
}

/** The promise of one request. */
class Asking implements Settler {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #unlisten: (() => void) | null = null;
  #isSettled = false;

  constructor(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  listen(signal: SignalLike, abort: () => void): void {
    // It may have been lost within the sending.
    if (this.#isSettled) return;
    signal.addEventListener('abort', abort, { once: true });
    this.#unlisten = () => signal.removeEventListener('abort', abort);
  }

  settle(outcome: Outcome): void {
    this.#isSettled = true;
    this.#unlisten?.();
    if (!outcome.ok) return this.#reject(outcome.error);
    try {
      this.#resolve(outcome.body.value);
    } catch (cause) {
      const { message } = cause as SwarmError;
      this.#reject(protocolError('invalid', 'yes', `the answer cannot be read: ${message}`));
    }
  }
}

/** Calls to the one end at the other side of a socket, with options of their own. */
export class Calls {
  readonly #outlet: Outlet;
  readonly #options: CallOptions;

  constructor(outlet: Outlet, options: CallOptions) {
    this.#outlet = outlet;
    this.#options = options;
  }

  /** Ask, and wait for the answer; see {@link CallOptions} and `SwarmError`. */
  send(name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#outlet, null, this.#options, name, args);
  }

  /** Tell, without an answer. False when the event certainly did not leave. */
  emit(name: string, ...args: unknown[]): boolean {
    return tell(this.#outlet, null, this.#options, name, args);
  }

  with(options: CallOptions): Calls {
    return new Calls(this.#outlet, { ...this.#options, ...options });
  }
}

/** Calls to any node, or through it to its client, with options of their own. */
export class NodeCalls {
  readonly #outlet: Outlet;
  readonly #route: Omit<Route, 'to'>;
  readonly #options: CallOptions;

  constructor(outlet: Outlet, route: Omit<Route, 'to'>, options: CallOptions) {
    this.#outlet = outlet;
    this.#route = route;
    this.#options = options;
  }

  /** Ask the node `id`, and wait for the answer. */
  send(id: string, name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#outlet, { ...this.#route, to: id }, this.#options, name, args);
  }

  /** Tell the node `id`, without an answer. False when the event certainly did not leave. */
  emit(id: string, name: string, ...args: unknown[]): boolean {
    return tell(this.#outlet, { ...this.#route, to: id }, this.#options, name, args);
  }

  with(options: CallOptions): NodeCalls {
    return new NodeCalls(this.#outlet, this.#route, { ...this.#options, ...options });
  }
}
