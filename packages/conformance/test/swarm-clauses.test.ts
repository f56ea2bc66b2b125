import { describe, expect, it } from 'vitest';
import { type ClauseResult, SWARM_CLAUSES, type SwarmFixture, trySwarm } from '../src/index.ts';
import { brokenBytes } from './broken/bytes.ts';
import { brokenDelivery } from './broken/delivery.ts';
import { brokenEpochs } from './broken/epochs.ts';
import { brokenLinks } from './broken/links.ts';
import { brokenLosses } from './broken/losses.ts';
import { brokenSubjects } from './broken/subjects.ts';
import { brokenSubscriptions } from './broken/subscriptions.ts';
import { type BrokenSwarm, fixtureOf } from './broken/tamper.ts';
import { brokenVerdicts } from './broken/verdicts.ts';

const BROKEN: readonly BrokenSwarm[] = [
  ...brokenDelivery,
  ...brokenSubscriptions,
  ...brokenSubjects,
  ...brokenBytes,
  ...brokenLinks,
  ...brokenVerdicts,
  ...brokenLosses,
  ...brokenEpochs,
];

/** All clauses at once, each on a swarm of its own: most of the time is waiting for what fails. */
async function tryAll(newFixture: () => SwarmFixture): Promise<ClauseResult[]> {
  const tried = SWARM_CLAUSES.map((clause) => trySwarm(newFixture(), [clause]));
  return (await Promise.all(tried)).flat();
}

function failed(results: readonly ClauseResult[]): string[] {
  return results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}

describe('the clauses for swarms', () => {
  it('all hold for memory', async () => {
    const results = await tryAll(() => fixtureOf());

    expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(results.filter(({ claimed }) => !claimed).map(({ id }) => id)).toEqual(['VERDICT-6']);
  });

  it.each(BROKEN)('a swarm that $what breaks $breaks, and no other', async ({ tamper, breaks }) => {
    const results = await tryAll(() => fixtureOf(tamper));

    expect(failed(results)).toEqual(breaks);
  });

  it('can each be broken', () => {
    const broken = new Set(BROKEN.flatMap(({ breaks }) => breaks));

    expect(SWARM_CLAUSES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });
});
