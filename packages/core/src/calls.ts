import { Body } from './body.ts';
import type { Definition } from './contract.ts';
import { END_LIMITS } from './end-limits.ts';
import { protocolError, SwarmError } from './errors.ts';
import type { Meta } from './frame.ts';
import { isMeta, isName, isNodeId } from './guard.ts';
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
  /** When a call that is made now, with so much time or the default, is over. */
  deadlineMs(timeoutMs: number | undefined): number;
  request(route: Route | null, call: Call): OpenRequest;
  emit(route: Route | null, notice: Notice): void;
  cancel(request: OpenRequest): void;
  /** What the contract says of a name at the other end, if there is a contract that lists it. */
  definition(route: Route | null, name: string): Definition | undefined;
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
    const { timeoutMs } = options;
    const signal: SignalLike | undefined = options.signal;
    if (timeoutMs !== undefined) checkTimeout(timeoutMs);
    const notice = toNotice(route, options.meta, name, args);
    if (signal?.aborted) throw protocolError('cancelled', 'no', 'cancelled before it was sent');
    const asking = new Asking(name, outlet.definition(route, name), resolve, reject);
    const deadlineMs = outlet.deadlineMs(timeoutMs);
    const { body, meta } = notice;
    const request = outlet.request(route, { name, body, meta, deadlineMs, settler: asking });
    if (signal !== undefined) asking.listen(signal, () => outlet.cancel(request));
  });
}

/**
 * Send an event. False when it certainly did not leave: the link is down, or full.
 *
 * @throws SwarmError `too_large` or `invalid`, and TypeError, for what could never be sent.
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
    // Anything else would fail again, whenever it is sent.
    const isPassing = SwarmError.is(error) && PASSING.has(error.subtype);
    if (isPassing) return false;
    throw error;
  }
}

const PASSING: ReadonlySet<unknown> = new Set(['closed', 'overloaded', 'unreachable']);

/** @throws TypeError for what is no time to wait. */
export function checkTimeout(timeoutMs: number): void {
  const { timeoutMsMax: max } = END_LIMITS;
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= max) return;
  throw new TypeError(`a timeout is a number from 1 to ${max}: ${timeoutMs}`);
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
  // A copy, because the caller may change its own while the frame waits.
  return { name, body: Body.of(args), meta: meta && { ...meta } };
}

/** The promise of one request. */
class Asking implements Settler {
  readonly #name: string;
  readonly #definition: Definition | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #unlisten: (() => void) | null = null;
  #isSettled = false;

  constructor(
    name: string,
    definition: Definition | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#name = name;
    this.#definition = definition;
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
    try {
      if (outcome.ok) this.#resolve(this.#result(outcome.body));
      else this.#reject(this.#definition?.parseError(this.#name, outcome.error) ?? outcome.error);
    } catch (error) {
      this.#reject(error);
    }
  }

  #result(body: Body): unknown {
    let value: unknown;
    try {
      value = body.value;
    } catch (cause) {
      const { message } = cause as SwarmError;
      throw protocolError('invalid', 'yes', `the answer cannot be read: ${message}`);
    }
    return this.#definition === undefined ? value : this.#definition.parseResult(this.#name, value);
  }
}
