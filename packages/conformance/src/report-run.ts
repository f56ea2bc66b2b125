import { startVitest, type TestCase, type TestModule } from 'vitest/node';
import type { ClauseMeta } from './clauses/declare.ts';
import { SOCKET_CLAUSES } from './clauses/socket.ts';
import { SWARM_CLAUSES } from './clauses/swarm.ts';
import type { Report, ReportedClause } from './report.ts';

/** Statements by id: a test that never ran says nothing of itself but its name. */
const STATEMENTS: ReadonlyMap<string, string> = new Map(
  [...SWARM_CLAUSES, ...SOCKET_CLAUSES].map(({ id, statement }) => [id, statement]),
);

/**
 * Run the conformance file of an adapter, with the Vitest and the configuration of `root`.
 *
 * @throws Error when the file cannot be run.
 */
export async function runConformance(adapter: string, file: string, root: string): Promise<Report> {
  const vitest = await startVitest('test', [file], {
    root,
    watch: false,
    // What there is to say, the report says.
    reporters: [{}],
    coverage: { enabled: false },
  });
  const modules = vitest.state.getTestModules();
  const errors = [
    ...modules.flatMap((module) => module.errors()),
    ...vitest.state.getUnhandledErrors(),
  ];
  await vitest.close();
  // Vitest sets it for any test that failed; whoever asked for the report decides.
  process.exitCode = undefined;
  if (errors.length > 0) throw new Error(`${file}: ${(errors[0] as Error).message}`);
  return reportOf(adapter, modules);
}

function reportOf(adapter: string, modules: readonly TestModule[]): Report {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const clauses = tests.map(toClause).filter((clause) => clause !== null);
  const capabilities = tests
    .map((test) => metaOf(test)?.capabilities)
    .find((data) => data !== undefined);
  return { adapter, capabilities: capabilities ?? null, clauses };
}

/** Null for a test that is no clause. */
function toClause(test: TestCase): ReportedClause | null {
  const [id = ''] = test.name.split(' ', 1);
  const statement = STATEMENTS.get(id);
  if (statement === undefined) return null;
  const suite = test.parent.type === 'suite' ? test.parent.name : '';
  const claimed = metaOf(test)?.claimed ?? true;
  const error = test.result().errors?.[0]?.message;
  return { suite, id, statement, claimed, outcome: outcomeOf(test, claimed), error };
}

function outcomeOf(test: TestCase, claimed: boolean): ReportedClause['outcome'] {
  const { state } = test.result();
  if (state === 'passed' || state === 'failed') return state;
  return claimed ? 'skipped' : 'unclaimed';
}

function metaOf(test: TestCase): ClauseMeta | undefined {
  return (test.meta() as { readonly conformance?: ClauseMeta }).conformance;
}
