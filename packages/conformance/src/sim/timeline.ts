import type { End } from './end.ts';

/** Something that is going to happen. Cancelled by taking its `run` away. */
export interface Moment {
  atMs: number;
  readonly order: number;
  /** Whose event loop it needs; null for the world outside. */
  readonly end: End | null;
  run: (() => void) | null;
}

/**
 * Virtual time: what happens next is what is due first, and of those due at once what was asked
 * for first. An end that stands still gets what came meanwhile when it goes on; one that is dead
 * gets nothing any more.
 */
export class Timeline {
  nowMs = 0;
  readonly #heap: Moment[] = [];
  readonly #onThrow: (error: unknown, end: End | null) => void;
  #order = 0;

  constructor(onThrow: (error: unknown, end: End | null) => void) {
    this.#onThrow = onThrow;
  }

  at(atMs: number, end: End | null, run: () => void): Moment {
    this.#order += 1;
    const moment = { atMs: Math.max(atMs, this.nowMs), order: this.#order, end, run };
    this.#push(moment);
    return moment;
  }

  /** Let the next thing happen, if it is due by then. False when nothing is. */
  step(untilMs: number): boolean {
    for (;;) {
      const moment = this.#heap[0];
      if (moment === undefined || moment.atMs > untilMs) return false;
      this.#pop();
      const { run, end } = moment;
      if (run === null || end?.isDead === true) continue;
      if (end !== null && end.stalledUntilMs > moment.atMs) {
        moment.atMs = end.stalledUntilMs;
        this.#push(moment);
        continue;
      }
      this.nowMs = moment.atMs;
      this.guard(run, end);
      return true;
    }
  }

  /** Run what belongs to an end, which must not throw. */
  guard(run: () => void, end: End | null): void {
    if (end?.isDead === true) return;
    try {
      run();
    } catch (error) {
      this.#onThrow(error, end);
    }
  }

  #push(moment: Moment): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(moment);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Moment;
      if (!isEarlier(moment, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = moment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Moment;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      const right = below + 1;
      if (right < length && isEarlier(heap[right] as Moment, heap[below] as Moment)) below = right;
      const child = heap[below] as Moment;
      if (!isEarlier(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

function isEarlier(a: Moment, b: Moment): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
