/** The only file of the core that touches the platform: what it borrows is declared here. */
declare const performance: { now(): number };
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;
declare const setImmediate: ((callback: () => void) => unknown) | undefined;
declare const clearImmediate: (timer: unknown) => void;

/** Time, chance and turns, as the drivers get them; a simulator supplies another. */
export interface Runtime {
  /** Monotonic, in ms. */
  nowMs(): number;
  randomBytes(length: number): Uint8Array;
  /** Returns what cancels it. A delay of 0 means: after the other work that is due now. */
  setTimer(callback: () => void, delayMs: number): () => void;
  /** Run when the present work is done, before any other input. */
  microtask(callback: () => void): void;
}

/** Its jobs cost a third of those of `queueMicrotask`, which makes a resource of each. */
const RESOLVED: Promise<void> = Promise.resolve();

/** Asked for one by one, random bytes cost ten times as much. Each is used once. */
const POOL_BYTES = 4_096;
let pool: Uint8Array = new Uint8Array(0);
let poolAt = 0;

/** The clock, timers and random numbers of the platform. */
export const platformRuntime: Runtime = {
  nowMs: () => performance.now(),
  randomBytes: (length) => {
    if (poolAt + length > pool.length) {
      pool = crypto.getRandomValues(new Uint8Array(Math.max(length, POOL_BYTES)));
      poolAt = 0;
    }
    poolAt += length;
    return pool.slice(poolAt - length, poolAt);
  },
  setTimer: (callback, delayMs) => {
    // Timers of 0 ms take a whole one; browsers have no other way.
    if (delayMs === 0 && typeof setImmediate === 'function') {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  microtask: (callback) => void RESOLVED.then(callback),
};
