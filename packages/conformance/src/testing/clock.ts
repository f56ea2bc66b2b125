import { type Moment, Moments } from './moments.ts';

/** Time that stands still until told. What is due in the present happens by itself, in order. */
export interface TestClock {
  /** Since the swarm was made. */
  readonly nowMs: number;
  /**
   * Let time pass. Resolves when everything due by then has run, and the promise jobs after it.
   * Rejects when a timer of yours throws.
   *
   * @throws RangeError for anything but a number of 0 or more.
   */
  advance(ms: number): Promise<void>;
  /**
   * Let time pass until `promise` settles, from timer to timer, and settle like it. Rejects when
   * it is still open after `withinMs`, default 60,000.
   */
  until<T>(promise: Promise<T>, withinMs?: number): Promise<T>;
  /** Resolves when so much time has passed: what handlers can wait for. */
  sleep(ms: number): Promise<void>;
}

/** A time that somebody waits for. */
interface Goal {
  readonly atMs: number;
  resolve(): void;
  reject(error: unknown): void;
}

// Taken once, so that fake timers that a test runner installs later cannot stop us.
const { setImmediate } = globalThis;

/** Turns to ask for at once: asked for one by one, each is a round of the event loop. */
const TURNS_AHEAD = 16;

/**
 * The implementation of {@link TestClock}. One moment is one turn, a task of the platform, so all
 * promise jobs run before the next one, as they do between two real timers.
 */
export class VirtualClock implements TestClock {
  nowMs = 0;
  readonly #moments: Moments = new Moments();
  /** In order of time. */
  readonly #goals: Goal[] = [];
  #isTurning = false;
  /** Turns that the platform has been asked for. */
  #turnsAhead = 0;
  #isStopped = false;

  /** Returns what cancels it. */
  at(atMs: number, run: () => void): () => void {
    if (this.#isStopped) return () => {};
    const moment = this.#moments.add(Math.max(atMs, this.nowMs), run);
    this.#wake();
    return () => {
      moment.run = null;
    };
  }

  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`not a time to let pass: ${ms}`);
    // Who advances while another does adds to it.
    const atMs = (this.#goals.at(-1)?.atMs ?? this.nowMs) + ms;
    return new Promise((resolve, reject) => {
      this.#goals.push({ atMs, resolve, reject });
      this.#wake();
    });
  }

  async until<T>(promise: Promise<T>, withinMs = 60_000): Promise<T> {
    const endMs = this.nowMs + withinMs;
    let isOpen = true;
    const settled = () => {
      isOpen = false;
    };
    promise.then(settled, settled);
    await this.advance(0);
    while (isOpen) {
      const nextMs = this.#moments.next?.atMs ?? Infinity;
      if (nextMs > endMs) throw new Error(`still open after ${withinMs} ms of virtual time`);
      await this.advance(Math.max(0, nextMs - this.nowMs));
    }
    return promise;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.nowMs + ms, resolve);
    });
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#isStopped = true;
    this.#moments.clear();
  }

  #wake(): void {
    if (this.#isTurning) return;
    if (this.#goals.length === 0 && this.#due(this.nowMs) === null) return;
    this.#isTurning = true;
    this.#later();
  }

  #later(): void {
    if (this.#turnsAhead > 0) return;
    this.#turnsAhead = TURNS_AHEAD;
    for (let i = 0; i < TURNS_AHEAD; i += 1) setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#turnsAhead -= 1;
    if (!this.#isTurning) return;
    const [goal] = this.#goals;
    const moment = this.#due(goal?.atMs ?? this.nowMs);
    if (moment === null && goal === undefined) {
      this.#isTurning = false;
      return;
    }
    // Before anything runs that may throw.
    this.#later();
    if (moment !== null) return this.#run(moment);
    this.#goals.shift();
    this.nowMs = goal?.atMs ?? this.nowMs;
    goal?.resolve();
  };

  #run(moment: Moment): void {
    this.#moments.shift();
    this.nowMs = moment.atMs;
    try {
      moment.run?.();
    } catch (error) {
      const goal = this.#goals.shift();
      if (goal === undefined) throw error;
      goal.reject(error);
    }
  }

  #due(untilMs: number): Moment | null {
    const { next } = this.#moments;
    return next !== null && next.atMs <= untilMs ? next : null;
  }
}
