/** Something that is going to happen. Cancelled by taking its `run` away. */
export interface Moment {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** What is going to happen: the earliest first, and of those due at once what was added first. */
export class Moments {
  /** A binary heap. */
  readonly #heap: Moment[] = [];
  #order = 0;

  add(atMs: number, run: () => void): Moment {
    this.#order += 1;
    const moment: Moment = { atMs, order: this.#order, run };
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Moment;
      if (!isEarlier(moment, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = moment;
    return moment;
  }

  /** The next one that was not cancelled. */
  get next(): Moment | null {
    while (this.#heap[0]?.run === null) this.shift();
    return this.#heap[0] ?? null;
  }

  /** Take the first one away. */
  shift(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && isEarlier(heap[right] as Moment, heap[below] as Moment)) {
        below = right;
      }
      const child = heap[below] as Moment;
      if (!isEarlier(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }

  clear(): void {
    this.#heap.length = 0;
  }
}

function isEarlier(a: Moment, b: Moment): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
