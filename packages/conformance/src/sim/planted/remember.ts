import type { Core } from '../core.ts';
import { type CorpusEntry, corpusLine } from '../corpus.ts';
import { Coverage } from '../coverage.ts';
import { planOf } from '../planner.ts';
import { Runner } from '../runner.ts';
import { shrink } from '../shrink.ts';

/** Seeds among which an entry is looked for that shows a bug again. */
const SEEDS_MAX = 4_000;

/**
 * The entries of a bug, as they show it in a core that has it. With the core and the model things
 * happen in another order, and an entry may not show its bug any more: then it is made anew.
 */
export async function remember(
  core: string,
  entries: readonly CorpusEntry[],
): Promise<readonly CorpusEntry[]> {
  if (entries.length === 0) return [];
  const runner = new Runner((await import(core)) as Core);
  try {
    const remembered: CorpusEntry[] = [];
    for (const entry of entries) {
      const isShown = await shows(runner, entry);
      remembered.push(isShown ? entry : ((await renew(runner, entry)) ?? entry));
    }
    return remembered;
  } finally {
    runner.stop();
  }
}

async function shows(runner: Runner, { plan, invariant }: CorpusEntry): Promise<boolean> {
  const { violations } = await runner.result(plan, new Coverage(), false);
  return violations.some((violation) => violation.invariant === invariant);
}

async function renew(runner: Runner, entry: CorpusEntry): Promise<CorpusEntry | null> {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const plan = planOf(seed);
    if (!(await shows(runner, { ...entry, plan }))) continue;
    const small = { ...entry, plan: await shrink(runner, plan, entry.invariant) };
    const renewed = JSON.parse(corpusLine(small)) as CorpusEntry;
    if (await shows(runner, renewed)) return renewed;
  }
  return null;
}
