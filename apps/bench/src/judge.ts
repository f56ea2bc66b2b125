import type { Comparison, Group } from './plan.ts';
import type { Cell, Goal, Interval, Ratio } from './report.ts';
import { type Estimate, estimate, ratios, seeded } from './statistics.ts';
import { boundText, judge } from './verdict.ts';

/** The same for all, so that the same rounds always give the same report. */
const SEED = 20_190_612;

/** The interval of fewer is narrower than 95 % would have it, so that nothing is judged by it. */
const ROUNDS_MIN = 5;

const NONE: Interval = { median: null, min: null, max: null, lo: null, hi: null };

/** A comparison for each that the group asks for; nothing of cases that are not there. */
export function compare(group: Group, cells: readonly Cell[]): readonly Ratio[] {
  return group.comparisons.flatMap((comparison) => {
    const { a, b, metric, inFlight: conc } = comparison;
    const found = measure(comparison, cells);
    return found === null ? [] : [{ a, b, conc, metric, ...found }];
  });
}

/** What has become of the goals; those about what was not to be run are left out. */
export function judgeGoals(group: Group, cells: readonly Cell[]): readonly Goal[] {
  const known = new Set(group.cases.map(({ name }) => name));
  const counts = new Set(group.efforts.map(({ inFlight }) => inFlight));
  return group.goals.flatMap(({ id, text, a, b, metric, inFlight: conc, bound }) => {
    if (!known.has(a) || !known.has(b ?? a) || !counts.has(conc)) return [];
    const found = measure({ a, b, metric, inFlight: conc }, cells);
    const rounds = valuesOf({ a, b, metric, inFlight: conc }, cells).length;
    const verdict = judge(bound, rounds < ROUNDS_MIN ? null : found);
    const target = boundText(bound);
    return [{ id, text, a, b: b ?? null, conc, metric, target, ...(found ?? NONE), verdict }];
  });
}

type Measured = Omit<Comparison, 'b'> & { readonly b?: string | undefined };

function measure(of: Measured, cells: readonly Cell[]): Estimate | null {
  const values = valuesOf(of, cells);
  const isKnown = values.length > 0 && values.every(Number.isFinite);
  return isKnown ? estimate(values, seeded(SEED)) : null;
}

/** One for each round. */
function valuesOf({ a, b, metric, inFlight }: Measured, cells: readonly Cell[]): readonly number[] {
  const of = (name: string) => {
    return cells.find((cell) => cell.case === name && cell.conc === inFlight)?.[metric] ?? [];
  };
  return b === undefined ? of(a) : ratios(of(a), of(b));
}
