import { type CorpusEntry, readCorpus } from '../corpus.ts';
import type { InvariantId } from '../invariants.ts';
import { runPool } from '../pool.ts';
import { PLANTED_BUGS, type PlantedBug } from './bugs.ts';
import { plant } from './plant.ts';
import { remember } from './remember.ts';

/** Schedules within which every planted bug has to be found. */
export const HUNT_SCHEDULES_MAX = 2_000;

/** What the simulator has made of a planted bug. */
export interface Catch {
  readonly bug: PlantedBug;
  /** Schedules until something did not hold; null when everything held. */
  readonly schedules: number | null;
  readonly invariant: InvariantId | null;
  /** Entries of the corpus that are about this bug, and show it; none unless asked for. */
  readonly entries: readonly CorpusEntry[];
}

/** Plant a bug, and look for it, from the first seed on. */
export async function hunt(bug: PlantedBug, isRenewed: boolean): Promise<Catch> {
  const { core, remove } = plant(bug);
  try {
    const run = { firstSeed: 1, schedules: HUNT_SCHEDULES_MAX, workers: 1, isFirstEnough: true };
    const [failure] = (await runPool({ core, ...run })).failures;
    const schedules = failure?.seed ?? null;
    const invariant = failure?.violations[0]?.invariant ?? null;
    const known = isRenewed ? readCorpus().filter((entry) => entry.bug === bug.name) : [];
    return { bug, schedules, invariant, entries: await remember(core, known) };
  } finally {
    remove();
  }
}

/** All of them, so many at a time; `isRenewed` says whether the corpus is seen to, too. */
export async function huntAll(workers: number, isRenewed: boolean): Promise<readonly Catch[]> {
  const catches: Catch[] = [];
  const rest = [...PLANTED_BUGS.entries()];
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [at, bug] = next;
      catches[at] = await hunt(bug, isRenewed);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return catches;
}

/** As a table of Markdown. */
export function huntTable(catches: readonly Catch[]): string {
  const rows = catches.map(({ bug, schedules, invariant }) => {
    return `| ${bug.name} | \`${bug.file}\` | ${invariant ?? ''} | ${schedules ?? 'not found'} |`;
  });
  return ['| bug | in | found by | schedules |', '| --- | --- | --- | ---: |', ...rows].join('\n');
}
