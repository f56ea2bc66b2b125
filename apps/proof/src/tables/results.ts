import { readFile, writeFile } from 'node:fs/promises';
import type { SwarmName } from '../brokers.ts';
import type { ChaosResult } from '../chaos/result.ts';
import type { ScenarioResult } from '../comparison.ts';
import { pathOf } from './repository.ts';

/** What is known of each swarm: of some, nothing yet. */
export interface Results {
  readonly scenario: Readonly<Partial<Record<SwarmName, ScenarioResult>>>;
  readonly chaos: Readonly<Partial<Record<SwarmName, ChaosResult>>>;
}

const FILES = {
  scenario: pathOf('apps/proof/results/scenario.json'),
  chaos: pathOf('apps/proof/results/chaos.json'),
};

export async function readResults(): Promise<Results> {
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
  return { scenario: await read(FILES.scenario), chaos: await read(FILES.chaos) };
}

/** What was found out just now replaces what was known of the same swarms. */
export async function keep<K extends keyof Results>(kind: K, found: Results[K]): Promise<void> {
  const known = (await readResults())[kind];
  const text = JSON.stringify({ ...known, ...found }, null, 2);
  await writeFile(FILES[kind], `${text}\n`);
}
