import { type ClauseResult, tryClause } from './clauses/clause.ts';
import { declareClauses } from './clauses/declare.ts';
import { SWARM_CLAUSES } from './clauses/swarm.ts';
import { type SwarmClause, type SwarmFixture, swarmCandidate } from './swarm-bench.ts';

/**
 * Declare, in a test file of an adapter, one test for every promise of the swarm contract. `open`
 * is called once, with the first of them. Clauses that the adapter does not claim are skipped.
 *
 * @example
 * ```ts
 * swarmConformance('redis', async () => {
 *   const broker = await startRedis();
 *   return { swarm: redis(broker.url), sever: () => broker.restart(), close: () => broker.stop() };
 * });
 * ```
 */
export function swarmConformance(
  title: string,
  open: () => Promise<SwarmFixture> | SwarmFixture,
): void {
  declareClauses(`${title} conforms to Swarm`, SWARM_CLAUSES, async () =>
    swarmCandidate(await open()),
  );
}

/** Try clauses on a swarm, outside of any test. The fixture's `close` is left to the caller. */
export async function trySwarm(
  fixture: SwarmFixture,
  clauses: readonly SwarmClause[] = SWARM_CLAUSES,
): Promise<ClauseResult[]> {
  const candidate = swarmCandidate(fixture);
  const results: ClauseResult[] = [];
  for (const clause of clauses) results.push(await tryClause(clause, candidate));
  return results;
}
