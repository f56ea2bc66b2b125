import type { VirtualClock } from './clock.ts';

/** One direction of a connection: what goes in first comes out first, after the latency. */
export class Lane {
  readonly #clock: VirtualClock;
  readonly #latencyMs: () => number;
  #lastMs = 0;

  constructor(clock: VirtualClock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** Run at the other side. */
  send(run: () => void): void {
    this.#lastMs = Math.max(this.#lastMs, this.#clock.nowMs + this.#latencyMs());
    this.#clock.at(this.#lastMs, run);
  }
}
