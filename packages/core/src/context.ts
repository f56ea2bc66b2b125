import { Body } from './body.ts';
import { asOutcome, protocolError, SwarmError } from './errors.ts';
import type { Meta } from './frame.ts';
import type { ServedRequest } from './machine/served.ts';
import { newAborter, type Signal } from './signal.ts';

/** Whose handlers run: a client's node (or a node's client), a node for others, or before a client. */
export type ContextKind = 'client' | 'server' | 'remoteClient';

/** A request or event as it came in, whichever way it came. */
export interface Incoming {
  readonly name: string;
  readonly body: Body;
  readonly meta: Meta | undefined;
}

/** Who asks whom. `N` is the node at this end; a client has none. */
export interface Origin<N> {
  readonly kind: ContextKind;
  readonly node: N;
  /** Id of the asking node; null when a client, or a server as such, asks. */
  readonly sender: string | null;
  /** Null for an event: nobody waits for an answer. */
  readonly request: ServedRequest | null;
}

const NO_META: Meta = Object.freeze({});

/**
 * What the handlers of one request or event share. Everything a handler may not need is made
 * when it is first read: arguments are decoded, and the signal and the state created, then.
 */
export class Context<N = unknown> {
  readonly name: string;
  /** The node at this end; null on a client. */
  readonly node: N;
  /** What the asking end sent along, untouched. */
  readonly meta: Meta;
  /** @internal */
  readonly origin: Origin<N>;
  /** @internal */
  readonly incoming: Incoming;
  #args: readonly unknown[] | null = null;
  #returned: unknown = undefined;
  #state: Record<string, unknown> | null = null;
  #signal: Signal | null = null;
  #answered = false;
  /** Remote client requests only: false answers the asking node instead of asking the client. */
  pass = true;

  constructor(origin: Origin<N>, incoming: Incoming) {
    this.origin = origin;
    this.incoming = incoming;
    this.name = incoming.name;
    this.node = origin.node;
    this.meta = incoming.meta ?? NO_META;
  }

  get kind(): ContextKind {
    return this.origin.kind;
  }

  /** Whether nobody waits for an answer. */
  get isEvent(): boolean {
    return this.origin.request === null;
  }

  get sender(): string | null {
    return this.origin.sender;
  }

  /** When the request fails if it has no answer, in ms of the runtime's clock; null for an event. */
  get deadlineMs(): number | null {
    return this.origin.request?.deadlineMs ?? null;
  }

  /** @throws SwarmError `invalid` when they cannot be decoded. */
  get args(): readonly unknown[] {
    if (this.#args === null) {
      const args = this.#decoded();
      if (!Array.isArray(args)) throw asOutcome(protocolError('invalid', 'no', 'not a list'));
      this.#args = args;
    }
    return this.#args;
  }

  set args(args: readonly unknown[]) {
    if (!Array.isArray(args)) throw new TypeError('arguments are a list');
    this.#args = args;
  }

  /**
   * What the last handler that returned something returned. Before that it is null, or for a
   * remote client request its arguments. Setting it is the same as returning it.
   */
  get result(): unknown {
    if (this.#returned !== undefined) return this.#returned;
    return this.kind === 'remoteClient' ? this.args : null;
  }

  /** For a remote client request a list replaces the arguments, anything else is the one argument. */
  set result(value: unknown) {
    if (value === undefined || this.#answered) return;
    this.#returned = value;
    if (this.kind === 'remoteClient') this.#args = Array.isArray(value) ? value : [value];
  }

  /** The last returned value, or null: never the arguments. */
  get returned(): unknown {
    return this.#returned ?? null;
  }

  /** For the handlers of this one request; no prototype, so any key will do. */
  get state(): Record<string, unknown> {
    this.#state ??= Object.create(null) as Record<string, unknown>;
    return this.#state;
  }

  /** Aborted when nobody waits for the answer any more; its reason is a `SwarmError`. */
  get signal(): Signal {
    if (this.#signal === null) {
      const aborter = newAborter();
      this.#signal = aborter.signal;
      this.origin.request?.onAbort((reason) => aborter.abort(reason));
    }
    return this.#signal;
  }

  /** Whether {@link answer} was called: then the chain is over. */
  get isAnswered(): boolean {
    return this.#answered;
  }

  /** Remote client requests: end the chain and answer `value`; the client is not asked. */
  answer(value: unknown): undefined {
    this.#answered = true;
    this.pass = false;
    this.#returned = value ?? null;
  }

  /** Refuse, with a message and data for the asking end. */
  throw(message: string, data?: unknown): never {
    throw new SwarmError(message, { data });
  }

  /** Refuse with an error the contract declares. */
  fail(code: string, data?: unknown): never {
    throw new SwarmError(code, { code, data });
  }

  #decoded(): unknown {
    try {
      return this.incoming.body.value;
    } catch (error) {
      throw asOutcome(error as SwarmError);
    }
  }

  /**
   * The arguments to forward: the very bytes that came in, unless somebody has looked at them.
   *
   * @internal
   */
  forwardBody(): Body {
    return this.#args === null ? this.incoming.body : Body.of(this.#args);
  }
}
