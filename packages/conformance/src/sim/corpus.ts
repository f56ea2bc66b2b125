import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { InvariantId } from './invariants.ts';
import type { Plan } from './plan.ts';

/** A schedule that once failed, as small as it could be made. */
export interface CorpusEntry {
  /** What was wrong. */
  readonly bug: string;
  readonly invariant: InvariantId;
  /** The plan itself: what follows from a seed changes with the planner. */
  readonly plan: Plan;
}

/** A line for each entry. */
export const CORPUS: string = fileURLToPath(
  new URL('../../corpus/simulator.jsonl', import.meta.url),
);

export function readCorpus(): readonly CorpusEntry[] {
  const lines = readFileSync(CORPUS, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as CorpusEntry);
}

export function writeCorpus(entries: readonly CorpusEntry[]): void {
  writeFileSync(CORPUS, entries.map((entry) => `${corpusLine(entry)}\n`).join(''));
}

/** The line of an entry. */
export function corpusLine({ bug, invariant, plan }: CorpusEntry): string {
  const round = (_key: string, value: unknown) => {
    return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
  };
  return JSON.stringify({ bug, invariant, plan }, round);
}
