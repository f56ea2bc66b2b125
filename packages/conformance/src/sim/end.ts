import type { Runtime } from '@swarm/core';
import type { Random } from './random.ts';
import type { Moment, Timeline } from './timeline.ts';

interface Timer {
  moment: Moment;
  readonly run: () => void;
}

/** The platform of one process or one client: its clock, timers and chance. It can misbehave. */
export class End implements Runtime {
  /** For traces, such as `p1` or `c4`. */
  readonly name: string;
  isDead = false;
  /** It has begun to end in good order. */
  isLeaving = false;
  stalledUntilMs = 0;
  /** Time in which it did nothing, or its clock went ahead, in ms. */
  idleMs = 0;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #isCoarse: boolean;
  readonly #timers: Set<Timer> = new Set();
  /** Clocks of different ends have nothing to do with each other. */
  #skewMs: number;

  constructor(name: string, timeline: Timeline, random: Random, isCoarse: boolean) {
    this.name = name;
    this.#timeline = timeline;
    this.#random = random;
    this.#isCoarse = isCoarse;
    this.#skewMs = random.between(1_000, 1_000_000);
  }

  /** Timers that are set: none when nothing of ours is left running. */
  get timers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#timeline.nowMs + this.#skewMs;
  }

  randomBytes(length: number): Uint8Array {
    return this.#random.bytes(length);
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const atMs = this.#timeline.nowMs + this.#delay(delayMs);
    const run = () => {
      this.#timers.delete(timer);
      callback();
    };
    const timer: Timer = { moment: this.#timeline.at(atMs, this, run), run };
    this.#timers.add(timer);
    return () => {
      timer.moment.run = null;
      this.#timers.delete(timer);
    };
  }

  microtask(callback: () => void): void {
    queueMicrotask(() => this.#timeline.guard(callback, this));
  }

  /** The process ends without a word. */
  kill(): void {
    this.isDead = true;
    this.#timers.clear();
  }

  /** The event loop is held up. */
  stall(ms: number): void {
    const untilMs = this.#timeline.nowMs + ms;
    this.idleMs += Math.max(0, untilMs - Math.max(this.stalledUntilMs, this.#timeline.nowMs));
    this.stalledUntilMs = Math.max(this.stalledUntilMs, untilMs);
  }

  /** The machine slept: the clock went on, and timers are due that much earlier. */
  jump(ms: number): void {
    this.#skewMs += ms;
    this.idleMs += ms;
    for (const timer of this.#timers) {
      timer.moment.run = null;
      timer.moment = this.#timeline.at(timer.moment.atMs - ms, this, timer.run);
    }
  }

  /** Node counts whole milliseconds only, so that timers may come too early by less than one. */
  #delay(delayMs: number): number {
    if (!this.#isCoarse || delayMs === 0) return delayMs;
    return Math.max(1, Math.trunc(delayMs));
  }
}
