/** Resolution of deadlines, in ms: late by at most one step, and never early. */
export const WHEEL_STEP_MS = 64;

const SLOTS = 256;

/** Something with a deadline. The link fields belong to the wheel; start them as null. */
export interface Timed {
  readonly deadlineMs: number;
  /** The deadline has passed and the wheel no longer holds this entry. */
  expire(nowMs: number): void;
  wheelSlot: number | null;
  wheelPrevious: Timed | null;
  wheelNext: Timed | null;
}

/**
 * A hashed timing wheel: all deadlines of a process behind one timer.
 *
 * Adding and removing are O(1) without allocation, because entries are the links of their slot's
 * list. A deadline further away than one revolution (16 s) is passed by until its turn comes.
 * Deadlines of one slot expire in the order they were added.
 */
export class Wheel {
  readonly #arm: () => void;
  readonly #heads: (Timed | null)[] = new Array(SLOTS).fill(null);
  readonly #tails: (Timed | null)[] = new Array(SLOTS).fill(null);
  #step = 0;
  #size = 0;

  /** `arm` asks the driver to call {@link advance} once a step for as long as `size` is not 0. */
  constructor(arm: () => void) {
    this.#arm = arm;
  }

  get size(): number {
    return this.#size;
  }

  add(entry: Timed, nowMs: number): void {
    if (this.#size === 0) this.#step = Math.floor(nowMs / WHEEL_STEP_MS);
    const step = Math.max(Math.ceil(entry.deadlineMs / WHEEL_STEP_MS), this.#step + 1);
    const slot = step % SLOTS;
    const tail = this.#tails[slot] ?? null;
    entry.wheelSlot = slot;
    entry.wheelPrevious = tail;
    if (tail === null) this.#heads[slot] = entry;
    else tail.wheelNext = entry;
    this.#tails[slot] = entry;
    this.#size += 1;
    if (this.#size === 1) this.#arm();
  }

  /** Does nothing for an entry the wheel does not hold. */
  remove(entry: Timed): void {
    const slot = entry.wheelSlot;
    if (slot === null) return;
    const { wheelPrevious: previous, wheelNext: next } = entry;
    if (previous === null) this.#heads[slot] = next;
    else previous.wheelNext = next;
    if (next === null) this.#tails[slot] = previous;
    else next.wheelPrevious = previous;
    entry.wheelSlot = null;
    entry.wheelPrevious = null;
    entry.wheelNext = null;
    this.#size -= 1;
  }

  /** Expire every entry whose deadline is at or before `nowMs`. */
  advance(nowMs: number): void {
    const step = Math.floor(nowMs / WHEEL_STEP_MS);
    const slots = Math.min(step - this.#step, SLOTS);
    // Taken out before any of them is told, because being told adds and removes others.
    const due: Timed[] = [];
    for (let i = 1; i <= slots; i += 1) this.#takeDue((this.#step + i) % SLOTS, nowMs, due);
    this.#step = Math.max(step, this.#step);
    for (const entry of due) entry.expire(nowMs);
  }

  #takeDue(slot: number, nowMs: number, due: Timed[]): void {
    let entry = this.#heads[slot] ?? null;
    while (entry !== null) {
      const next = entry.wheelNext;
      if (entry.deadlineMs <= nowMs) {
        this.remove(entry);
        due.push(entry);
      }
      entry = next;
    }
  }
}
