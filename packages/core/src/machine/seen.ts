/** How far behind the newest id of a process another one may be and still be recognised. */
export const SEEN_WINDOW = 4_096;

/**
 * The requests of other processes that were answered, so that one delivered twice does not run
 * again. Of each process its last ids are remembered, and of processes the last that asked.
 */
export class Seen {
  readonly #processesMax: number;
  readonly #recent: Map<string, RecentIds> = new Map();

  constructor(processesMax: number) {
    this.#processesMax = processesMax;
  }

  has(process: string, id: number): boolean {
    return this.#recent.get(process)?.has(id) === true;
  }

  add(process: string, id: number): void {
    let recent = this.#recent.get(process);
    if (recent === undefined) {
      recent = new RecentIds();
      this.#recent.set(process, recent);
      if (this.#recent.size > this.#processesMax) this.#forgetFirst();
    }
    recent.add(id);
  }

  #forgetFirst(): void {
    for (const first of this.#recent.keys()) {
      this.#recent.delete(first);
      return;
    }
  }
}

/** A bit for each of the last ids; the place of an id is its remainder. */
class RecentIds {
  readonly #bits: Uint32Array = new Uint32Array(SEEN_WINDOW / 32);
  #newest = 0;

  has(id: number): boolean {
    if (id > this.#newest || id <= this.#newest - SEEN_WINDOW) return false;
    return ((this.#word(id) >>> (id % 32)) & 1) === 1;
  }

  add(id: number): void {
    if (id <= this.#newest - SEEN_WINDOW) return;
    if (id - this.#newest >= SEEN_WINDOW) this.#bits.fill(0);
    else for (let skipped = this.#newest + 1; skipped < id; skipped += 1) this.#set(skipped, 0);
    this.#newest = Math.max(this.#newest, id);
    this.#set(id, 1);
  }

  #set(id: number, bit: 0 | 1): void {
    const at = Math.floor((id % SEEN_WINDOW) / 32);
    const mask = 1 << (id % 32);
    this.#bits[at] = bit === 1 ? this.#word(id) | mask : this.#word(id) & ~mask;
  }

  #word(id: number): number {
    return this.#bits[Math.floor((id % SEEN_WINDOW) / 32)] as number;
  }
}
