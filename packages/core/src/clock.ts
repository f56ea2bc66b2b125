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
    this.#cancel ??= this.runtime.setTimer(() => this.#step(), WHEEL_STEP_MS);
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
    this.#runtime.setTimer(this.#run, 0);
  }

  readonly #run = (): void => {
    this.#asked = false;
    this.#delivered += this.#deliver();
  };
}
