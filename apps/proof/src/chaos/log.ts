import type { Entry } from '../trace.ts';
import { actorsOf } from './lives.ts';

/** Longest time until everybody can ask everybody again, in ms. */
const PATIENCE_MS = 60_000;

interface Asked {
  readonly pair: string;
  readonly atMs: number;
}

/** The trace of a run, and when each process last came to have an answer of each other one. */
export class Log {
  readonly trace: Entry[] = [];
  /** Requests from one actor to another, by label. */
  readonly #asked: Map<string, Asked> = new Map();
  #actorOf: ReadonlyMap<string, string> = new Map();
  #sinceMs = Number.POSITIVE_INFINITY;
  readonly #firsts: Map<string, number> = new Map();
  #pairsMax = 0;
  #recovered: () => void = () => {};

  add(entry: Entry): void {
    this.trace.push(entry);
    if (entry.what === 'joined') this.#actorOf = actorsOf(this.trace);
    if (entry.what === 'asked') {
      const { actor, label, atMs } = entry;
      const to = this.#actorOf.get(entry.to);
      if (to !== undefined && to !== actor) {
        this.#asked.set(label, { pair: `${actor} to ${to}`, atMs });
      }
    }
    if (entry.what === 'outcome' && entry.outcome.ok) this.#answered(entry.label, entry.atMs);
  }

  /**
   * Resolves with the time that each of so many pairs took until the first answer to what it asked
   * since then.
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
    const asked = this.#asked.get(label);
    if (asked === undefined || asked.atMs < this.#sinceMs || this.#firsts.has(asked.pair)) return;
    this.#firsts.set(asked.pair, atMs);
    if (this.#firsts.size === this.#pairsMax) this.#recovered();
  }
}
