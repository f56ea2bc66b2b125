const SLOTS_MIN = 16;

/** What a table holds by its id, a whole number. */
interface Identified {
  readonly id: number;
}

/** What a table needs to do; a map does it, too. */
export interface Table<E extends Identified> {
  readonly size: number;
  get(id: number): E | undefined;
  /** The id is that of the entry, and must not be there already. */
  set(id: number, entry: E): unknown;
  delete(id: number): boolean;
  /** In the order of their ids, where these were set in order. */
  values(): Iterable<E>;
}

/**
 * Things by their ids, which are counters: those that are there at the same time are near each
 * other, so the last bits of an id are its place. What finds its place taken goes into a map.
 *
 * A map alone would do, and does in a page; but one that is filled and emptied all the time makes
 * its memory anew all the time, which takes longer than most that is done to an exchange.
 */
export class IdTable<E extends Identified> implements Table<E> {
  #slots: (E | undefined)[] = new Array(SLOTS_MIN).fill(undefined);
  readonly #others: Map<number, E> = new Map();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): E | undefined {
    const entry = this.#slots[this.#slotOf(id)];
    return entry !== undefined && entry.id === id ? entry : this.#others.get(id);
  }

  set(id: number, entry: E): void {
    this.#size += 1;
    if (this.#size > this.#slots.length >> 1) this.#grow();
    const slot = this.#slotOf(id);
    if (this.#slots[slot] === undefined) this.#slots[slot] = entry;
    else this.#others.set(id, entry);
  }

  delete(id: number): boolean {
    const slot = this.#slotOf(id);
    if (this.#slots[slot]?.id === id) this.#slots[slot] = undefined;
    else if (!this.#others.delete(id)) return false;
    this.#size -= 1;
    return true;
  }

  values(): Iterable<E> {
    const entries = this.#slots.filter((entry) => entry !== undefined);
    return [...entries, ...this.#others.values()].sort((a, b) => a.id - b.id);
  }

  clear(): void {
    this.#slots = new Array(SLOTS_MIN).fill(undefined);
    this.#others.clear();
    this.#size = 0;
  }

  /** There are as many slots as a power of two. */
  #slotOf(id: number): number {
    return id & (this.#slots.length - 1);
  }

  /** What has a slot each of the old ones has one of the new ones, too. */
  #grow(): void {
    const entries = this.#slots.filter((entry) => entry !== undefined);
    this.#slots = new Array(this.#slots.length * 2).fill(undefined);
    for (const entry of entries) this.#slots[this.#slotOf(entry.id)] = entry;
  }
}
