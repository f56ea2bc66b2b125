/** Time to dial the broker and to hear the inbox, and then for the first ping to come back, in ms. */
export const LINK_TIMEOUT_MS = 3_000;

/** A ready link is pinged so often, in ms; */
export const BEAT_MS = 1_000;

/** and is over when in so many beats in a row no ping has come back. */
const STRIKES_MAX = 2;

/** An alarm that is so late was held up by this process, in ms. */
export const LATE_MS = 300;

/** The delay before dialing again is random up to a bound that doubles from the one to the other. */
const BACKOFF_BASE_MS = 50;
const BACKOFF_CAP_MS = 1_000;

/** What a supervisor asks of its driver. Every dialed link has an epoch of its own. */
export interface SupervisorHost {
  /** Connect, and report `opened` or `failed`. */
  dial(epoch: number): void;
  /** Send a ping through the swarm to this process. */
  ping(epoch: number, number: number): void;
  /** The link may be used. */
  up(epoch: number): void;
  /** A link that was up is over. */
  down(epoch: number, cause: unknown): void;
  /** Close the link, or the attempt at it: nothing it says counts any more. */
  drop(epoch: number): void;
  /** The next attempt comes after this delay. */
  retrying(attempt: number, delayMs: number, cause: unknown): void;
  /** Call `alarmed` after this delay, and not for any earlier alarm; null for none. */
  alarm(delayMs: number | null): void;
  /** From 0 up to, but not, 1. */
  random(): number;
}

type State =
  | { readonly kind: 'idle' | 'waiting' | 'closed' }
  | { readonly kind: 'dialing'; readonly epoch: number }
  | { readonly kind: 'probing'; readonly epoch: number; readonly number: number }
  | {
      readonly kind: 'ready';
      readonly epoch: number;
      /** The last ping that has come back. */
      readonly answered: number;
      /** Whether a ping has come back in this beat. */
      readonly isAlive: boolean;
      readonly strikes: number;
    };

/**
 * Keeps one link to the broker up, as a machine without IO: it dials, lets a ping find out
 * whether the link works both ways, beats for as long as it does, and dials again with a delay
 * that is random, so that processes which lost the same broker do not come back in step.
 */
export class Supervisor {
  readonly #host: SupervisorHost;
  #state: State = { kind: 'idle' };
  #epoch = 0;
  #number = 0;
  /** Attempts since a link last worked for a whole beat. */
  #failures = 0;

  constructor(host: SupervisorHost) {
    this.#host = host;
  }

  get isReady(): boolean {
    return this.#state.kind === 'ready';
  }

  /** Whether what the link of this epoch says counts. */
  isCurrent(epoch: number): boolean {
    return 'epoch' in this.#state && this.#state.epoch === epoch;
  }

  start(): void {
    if (this.#state.kind === 'idle') this.#dial();
  }

  /** The link is there, and hears the inbox. */
  opened(epoch: number): void {
    if (this.#state.kind !== 'dialing' || this.#state.epoch !== epoch) return;
    this.#number += 1;
    this.#state = { kind: 'probing', epoch, number: this.#number };
    this.#host.alarm(LINK_TIMEOUT_MS);
    this.#host.ping(epoch, this.#number);
  }

  /** It could not be made, has broken, or must not be used. */
  failed(epoch: number, cause: unknown): void {
    if (this.isCurrent(epoch)) this.#fail(epoch, cause);
  }

  /** The ping of this number came back. */
  ponged(epoch: number, number: number): void {
    const state = this.#state;
    if (!this.isCurrent(epoch) || number > this.#number) return;
    if (state.kind === 'ready' && number > state.answered) {
      this.#failures = 0;
      this.#state = { ...state, answered: number, isAlive: true, strikes: 0 };
    } else if (state.kind === 'probing' && number === state.number) {
      this.#state = { kind: 'ready', epoch, answered: number, isAlive: true, strikes: 0 };
      this.#host.alarm(BEAT_MS);
      this.#host.up(epoch);
    }
  }

  /** The alarm goes off, so much later than it should. */
  alarmed(lateMs: number): void {
    const state = this.#state;
    // What we waited for may be among what came while we stood still.
    const isLate = lateMs >= LATE_MS;
    switch (state.kind) {
      case 'idle':
      case 'closed':
        return;
      case 'waiting':
        return this.#dial();
      case 'dialing':
        if (isLate) return this.#host.alarm(LINK_TIMEOUT_MS);
        return this.#fail(state.epoch, new Error('the broker does not answer'));
      case 'probing':
        if (isLate) return this.#host.alarm(LINK_TIMEOUT_MS);
        return this.#fail(state.epoch, new Error('no ping comes back through the broker'));
      case 'ready':
        return this.#beat(state, lateMs);
    }
  }

  close(): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#host.alarm(null);
    if ('epoch' in state) this.#host.drop(state.epoch);
  }

  #dial(): void {
    this.#epoch += 1;
    this.#state = { kind: 'dialing', epoch: this.#epoch };
    this.#host.alarm(LINK_TIMEOUT_MS);
    this.#host.dial(this.#epoch);
  }

  #beat(state: State & { readonly kind: 'ready' }, lateMs: number): void {
    // A beat that ends a beat late says that we stood still, and nothing of the link.
    const strikes = state.isAlive || lateMs >= BEAT_MS ? 0 : state.strikes + 1;
    if (strikes >= STRIKES_MAX) {
      return this.#fail(state.epoch, new Error('the broker is silent: no ping came back'));
    }
    this.#number += 1;
    this.#state = { ...state, isAlive: false, strikes };
    this.#host.alarm(BEAT_MS);
    this.#host.ping(state.epoch, this.#number);
  }

  #fail(epoch: number, cause: unknown): void {
    const wasReady = this.isReady;
    const boundMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** this.#failures);
    const delayMs = this.#host.random() * boundMs;
    this.#failures += 1;
    this.#state = { kind: 'waiting' };
    this.#host.alarm(delayMs);
    // Whoever is told may close us.
    this.#host.drop(epoch);
    if (wasReady && this.#isWaiting()) this.#host.down(epoch, cause);
    if (this.#isWaiting()) this.#host.retrying(this.#failures, delayMs, cause);
  }

  #isWaiting(): boolean {
    return this.#state.kind === 'waiting';
  }
}
