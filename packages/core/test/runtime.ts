import type { Runtime } from '../src/index.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Chance that repeats itself (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, but not, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From 0 up to, but not, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(list: readonly T[]): T {
    const index = this.below(list.length);
    // Not `list[index]`: undefined may be one of the items.
    for (const [at, item] of list.entries()) if (at === index) return item;
    throw new RangeError('nothing to pick from');
  }
}

const MICROTASKS_MAX = 10_000;

/**
 * Time that stands still until told, chance that repeats itself, and turns that end when told.
 * Promises are the platform's own: {@link settle} waits for them too.
 */
export class FakeRuntime implements Runtime {
  readonly #random: Random;
  #nowMs: number;
  #timers: Timer[] = [];
  #microtasks: (() => void)[] = [];

  /** Starts at no time in particular: whoever takes a time span for a time is found out. */
  constructor({ seed = 1, startMs = 123_456.75 }: { seed?: number; startMs?: number } = {}) {
    this.#random = new Random(seed);
    this.#nowMs = startMs;
  }

  /** Timers that are set: 0 when nothing of ours is left running. */
  get timers(): number {
    return this.#timers.length;
  }

  /** When the next timer is due. */
  get nextTimerMs(): number | null {
    return this.#earliest()?.atMs ?? null;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#random.below(256));
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  microtask(callback: () => void): void {
    this.#microtasks.push(callback);
  }

  /** Run only what waits for the end of the turn, and what that asks for in its place. */
  runMicrotasks(): void {
    for (let i = 0; i < MICROTASKS_MAX; i += 1) {
      const task = this.#microtasks.shift();
      if (task === undefined) return;
      task();
    }
    throw new Error('the turn never ends: timers and sockets are starved');
  }

  /** Until nothing moves any more without time passing. */
  async settle(): Promise<void> {
    do {
      this.runMicrotasks();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#microtasks.length > 0);
  }

  /** What becomes of a promise that needs no time to pass. */
  async until<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {});
    await this.settle();
    return promise;
  }

  /** Let time pass, stopping at every timer on the way. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    for (let timer = this.#earliest(); timer !== null; timer = this.#earliest()) {
      if (timer.atMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      this.#timers = this.#timers.filter((other) => other !== timer);
      timer.callback();
      await this.settle();
    }
    this.#nowMs = endMs;
  }

  /** Time passes while the loop is held up: no timer runs before the next {@link advance}. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  /** Of those due at the same time, the one set first. */
  #earliest(): Timer | null {
    let earliest: Timer | null = null;
    for (const timer of this.#timers) {
      if (earliest === null || timer.atMs < earliest.atMs) earliest = timer;
    }
    return earliest;
  }
}
