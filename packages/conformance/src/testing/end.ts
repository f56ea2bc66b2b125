import type { Runtime } from '@swarm/core';
import type { VirtualClock } from './clock.ts';

/** What one program gets for a platform. It shares time with all others, and chance with none. */
export class End implements Runtime {
  /** For messages, such as `server 1`. */
  readonly name: string;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly #clock: VirtualClock;
  readonly #timers: Set<symbol> = new Set();

  constructor(name: string, clock: VirtualClock, randomBytes: (length: number) => Uint8Array) {
    this.name = name;
    this.#clock = clock;
    this.randomBytes = randomBytes;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#clock.nowMs;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = Symbol();
    this.#timers.add(timer);
    const cancel = this.#clock.at(this.#clock.nowMs + delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    return () => {
      this.#timers.delete(timer);
      cancel();
    };
  }

  microtask(callback: () => void): void {
    queueMicrotask(callback);
  }
}
