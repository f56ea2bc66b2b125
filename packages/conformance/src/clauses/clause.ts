/** One numbered promise of an adapter, and what proves it. */
export interface Clause<Bench, Claim extends string = string> {
  /** Never given to another promise: guides, reports and tests refer to it. */
  readonly id: string;
  /** The promise, in one sentence. */
  readonly statement: string;
  /** What has to be claimed for the clause to apply; absent where there is no choice. */
  readonly needs?: Claim;
  /** Rejects when the promise is broken. */
  readonly run: (bench: Bench) => Promise<void>;
}

/** Whatever clauses of one kind are tried on. */
export interface Candidate<Bench, Claim extends string> {
  readonly claims: ReadonlySet<Claim>;
  /** Shown in reports. */
  readonly capabilities?: object;
  /** For one clause; closed when that is over. */
  newBench(): Bench & { close(): Promise<void> };
  /** After the last clause. */
  close(): Promise<void>;
}

/** What became of one clause. */
export interface ClauseResult {
  readonly id: string;
  readonly statement: string;
  readonly claimed: boolean;
  readonly outcome: 'passed' | 'failed' | 'unclaimed';
  /** Why it failed. */
  readonly error?: unknown;
}

/** Never rejects: a failure is a result. */
export async function tryClause<Bench, Claim extends string>(
  { id, statement, needs, run }: Clause<Bench, Claim>,
  candidate: Candidate<Bench, Claim>,
): Promise<ClauseResult> {
  if (needs !== undefined && !candidate.claims.has(needs)) {
    return { id, statement, claimed: false, outcome: 'unclaimed' };
  }
  const bench = candidate.newBench();
  try {
    await run(bench);
    return { id, statement, claimed: true, outcome: 'passed' };
  } catch (error) {
    return { id, statement, claimed: true, outcome: 'failed', error };
  } finally {
    await bench.close();
  }
}
