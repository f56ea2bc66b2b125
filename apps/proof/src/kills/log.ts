import type { Entry } from '../trace.ts';
import { actorsOf } from './lives.ts';

/** Longest time until everybody can ask everybody again, in ms. */
const PATIENCE_MS = 60_000;

/** The trace of a run, and when each process last came to have an answer of each other one. */
export class Log {
  readonly trace: Entry[] = [];
  /** Actors that ask and are asked, by label. */
  readonly #pairs: Map<string, string> = new Map();
  #actorOf: ReadonlyMap<string, string> = new Map();
  #sinceMs = Number.POSITIVE_INFINITY;
  readonly #firsts: Map<string, number> = new Map();
  #pairsMax = 0;
  #recovered: () => void = () => {};

  add(entry: Entry): void {
    this.trace.push(entry);
    if (entry.what === 'joined') this.#actorOf = actorsOf(this.trace);
    if (entry.what === 'asked') {
      const { actor, label } = entry;
      const to = this.#actorOf.get(entry.to);
      if (to !== undefined && to !== actor) this.#pairs.set(label, `${actor} to ${to}`);
    }
    if (entry.what === 'outcome' && entry.outcome.ok) this.#answered(entry.label, entry.atMs);
  }

  /**
   * Resolves with the time that each of so many pairs took until its first answer since then.
   *
   * @throws Error when some do not come to one.
   */
  recovery(sinceMs: number, pairsMax: number): Promise<readonly number[]> {
    this.#sinceMs = sinceMs;
    this.#pairsMax = pairsMax;
    this.#firsts.clear();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`only these recovered: ${[...this.#firsts.keys()].join()}`));
      }, PATIENCE_MS);
      this.#recovered = () => {
        clearTimeout(timer);
        resolve([...this.#firsts.values()].map((atMs) => atMs - sinceMs));
      };
    });
  }

  #answered(label: string, atMs: number): void {
    const pair = this.#pairs.get(label);
    if (pair === undefined || atMs < this.#sinceMs || this.#firsts.has(pair)) return;
    this.#firsts.set(pair, atMs);
    if (this.#firsts.size === this.#pairsMax) this.#recovered();
  }
}
