import { afterAll, describe, it } from 'vitest';
import { type Candidate, type Clause, tryClause } from './clause.ts';

/** What a test of a clause says of it to reporters, as `meta().conformance` of the test. */
export interface ClauseMeta {
  readonly claimed: boolean;
  readonly capabilities?: object | undefined;
}

/** Time for one clause, with a broker that starts or restarts meanwhile. */
const CLAUSE_TIMEOUT_MS = 60_000;

/**
 * One test for each clause, in the file that calls this. `open` is called with the first of them;
 * what it rejects with fails all.
 */
export function declareClauses<Bench, Claim extends string>(
  title: string,
  clauses: readonly Clause<Bench, Claim>[],
  open: () => Promise<Candidate<Bench, Claim>>,
): void {
  describe(title, () => {
    let opening: Promise<Candidate<Bench, Claim>> | undefined;
    const opened = () => {
      opening ??= open();
      return opening;
    };
    for (const clause of clauses) {
      const { id, statement, needs } = clause;
      it(`${id} ${statement}`, { timeout: CLAUSE_TIMEOUT_MS }, async (context) => {
        const candidate = await opened();
        const { claimed, outcome, error } = await tryClause(clause, candidate);
        const conformance: ClauseMeta = { claimed, capabilities: candidate.capabilities };
        Object.assign(context.task.meta, { conformance });
        if (outcome === 'unclaimed') context.skip(`unclaimed: ${needs}`);
        if (outcome === 'failed') throw error;
      });
    }
    afterAll(async () => {
      const candidate = await opening?.catch(() => undefined);
      await candidate?.close();
    }, CLAUSE_TIMEOUT_MS);
  });
}
