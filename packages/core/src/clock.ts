import { WHEEL_STEP_MS, Wheel } from './machine/wheel.ts';
import type { Runtime } from './runtime.ts';

/** Turns the wheel of a process: one timer for all deadlines, and none while there are none. */
export class Clock {
  readonly runtime: Runtime;
  readonly wheel: Wheel = new Wheel(() => this.#arm());
  #cancel: (() => void) | null = null;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  nowMs(): number {
    return this.runtime.nowMs();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    if (this.#cancel !== null) return;
    // At the ends of the wheel's steps, so that nothing waits for a step of its own and ours.
    const delayMs = WHEEL_STEP_MS - (this.nowMs() % WHEEL_STEP_MS);
    this.#cancel = this.runtime.setTimer(() => this.#step(), delayMs);
  }

  #step(): void {
    this.#cancel = null;
    this.wheel.advance(this.nowMs());
    if (this.wheel.size > 0) this.#arm();
  }
}

/**
 * Runs a delivery at the end of a turn, however often it is asked for. Every so many deliveries
 * it lets timers and sockets go first, so that ends that answer each other at once starve nobody.
 */
export class Turns {
  readonly #runtime: Runtime;
  readonly #deliver: () => number;
  readonly #max: number;
  #asked = false;
  #delivered = 0;
  #cancel: (() => void) | null = null;

  /** `deliver` returns how many it delivered. */
  constructor(runtime: Runtime, deliveriesMax: number, deliver: () => number) {
    this.#runtime = runtime;
    this.#max = deliveriesMax;
    this.#deliver = deliver;
  }

  wake(): void {
    if (this.#asked) return;
    this.#asked = true;
    if (this.#delivered < this.#max) return this.#runtime.microtask(this.#run);
    this.#delivered = 0;
    this.#cancel = this.#runtime.setTimer(this.#run, 0);
  }

  /** What was asked for is not delivered any more. */
  stop(): void {
    this.#asked = false;
    this.#cancel?.();
  }

  readonly #run = (): void => {
    if (!this.#asked) return;
    this.#asked = false;
    this.#delivered += this.#deliver();
  };
}
