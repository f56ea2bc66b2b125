/** What became of one clause of one suite in a conformance file. */
export interface ReportedClause {
  /** Of the suite: an adapter may prove several things, or with several client libraries. */
  readonly suite: string;
  readonly id: string;
  readonly statement: string;
  readonly claimed: boolean;
  /** `skipped`: it was never tried, as where there is no broker. */
  readonly outcome: 'passed' | 'failed' | 'unclaimed' | 'skipped';
  readonly error?: string | undefined;
}

/** What an adapter has proved. */
export interface Report {
  readonly adapter: string;
  /** Of a swarm; null for sockets, and where nothing was tried. */
  readonly capabilities: object | null;
  readonly clauses: readonly ReportedClause[];
}

/** Whether every claimed clause has passed, and there was any. */
export function isProved({ clauses }: Report): boolean {
  const claimed = clauses.filter((clause) => clause.claimed);
  return claimed.length > 0 && claimed.every(({ outcome }) => outcome === 'passed');
}

/** A line for each clause, by suites, and the score in the last one. */
export function printReport(report: Report): string {
  const suites = new Set(report.clauses.map(({ suite }) => suite));
  const lines = [...suites].flatMap((name) => {
    return [name, ...report.clauses.filter(({ suite }) => suite === name).map(row), ''];
  });
  return [...lines, score(report)].join('\n');
}

function row({ id, outcome, statement, error }: ReportedClause): string {
  const line = `  ${outcome.padEnd(10)}${id.padEnd(16)}${statement}`;
  return error === undefined ? line : `${line}\n${' '.repeat(28)}${error.split('\n', 1)[0]}`;
}

function score({ clauses }: Report): string {
  const claimed = clauses.filter((clause) => clause.claimed);
  const count = (outcome: string) => clauses.filter((clause) => clause.outcome === outcome).length;
  const skipped = count('skipped') === 0 ? '' : `, ${count('skipped')} skipped`;
  const rest = `${count('unclaimed')} unclaimed${skipped}`;
  return `${count('passed')}/${claimed.length} claimed clauses passed (${rest})`;
}
