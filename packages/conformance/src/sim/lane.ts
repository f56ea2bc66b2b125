import type { Conditions } from './conditions.ts';
import type { End } from './end.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface Latency {
  readonly minMs: number;
  readonly maxMs: number;
}

/** One direction of a connection: what goes in first comes out first, after a while. */
export class Lane {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #latency: Latency;
  readonly #conditions: Conditions;
  #lastMs = 0;

  constructor(timeline: Timeline, random: Random, latency: Latency, conditions: Conditions) {
    this.#timeline = timeline;
    this.#random = random;
    this.#latency = latency;
    this.#conditions = conditions;
  }

  /** Run at the other side, in the event loop of `end`. */
  send(end: End | null, run: () => void): void {
    const { minMs, maxMs } = this.#latency;
    const { spikeMs } = this.#conditions;
    let delayMs = this.#random.between(minMs, maxMs);
    if (spikeMs > 0 && this.#random.chance(0.3)) delayMs += this.#random.between(0, spikeMs);
    this.#lastMs = Math.max(this.#lastMs, this.#timeline.nowMs + delayMs);
    this.#timeline.at(this.#lastMs, end, run);
  }

  /** Nothing gets through before then. */
  hold(untilMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, untilMs);
  }

  /** Out of order. */
  stray(end: End | null, run: () => void, delayMs: number): void {
    this.#timeline.at(this.#timeline.nowMs + delayMs, end, run);
  }
}
