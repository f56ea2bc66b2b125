import { isDeepStrictEqual } from 'node:util';
import { shortOf } from '../outcome.ts';
import type { Outcome } from '../trace.ts';
import type { Watch } from './watch.ts';

/** A request or event that was made, and what is waited for. All fail when that does not come. */
export class Exchange {
  readonly label: string;
  readonly #watch: Watch;

  constructor(label: string, watch: Watch) {
    this.label = label;
    this.#watch = watch;
  }

  /** It ends so: `ok`, `closed/no`, `BROKE/yes`; with this value, if any. */
  async gives(short: string, value?: unknown): Promise<void> {
    const outcome = await this.#outcome();
    const given = shortOf(outcome);
    if (given !== short) throw new Error(`${this.label}: ${given} instead of ${short}`);
    if (value === undefined || !outcome.ok || isDeepStrictEqual(outcome.value, value)) return;
    throw new Error(`${this.label}: the value is ${JSON.stringify(outcome.value)}`);
  }

  /** Resolves when so many handlers have begun to run. */
  async runs(count = 1): Promise<void> {
    const { label } = this;
    await this.#watch.sees('ran', (entry) => entry.label === label, { count, where: label });
  }

  /** Resolves when so many handlers have learned that nobody waits for them any more. */
  async aborts(count = 1): Promise<void> {
    const { label } = this;
    await this.#watch.sees('aborted', (entry) => entry.label === label, { count, where: label });
  }

  async #outcome(): Promise<Outcome> {
    const { label } = this;
    const seen = await this.#watch.sees('outcome', (entry) => entry.label === label, {
      where: label,
    });
    return (seen[0] as (typeof seen)[number]).outcome;
  }
}
