import type { Metric } from './plan.ts';
import type { Verdict } from './verdict.ts';

/** What a run has found of one group: what `--json` writes, in a list. */
export interface Report {
  readonly env: Environment;
  readonly group: string;
  readonly title: string;
  readonly rounds: number;
  readonly cells: readonly Cell[];
  readonly ratios: readonly Ratio[];
  readonly goals: readonly Goal[];
  readonly failures: readonly Failure[];
}

export interface Environment {
  readonly node: string;
  readonly cpus: number;
  readonly cpu: string;
  /** Of what was measured, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One case at one number of requests in flight: a value for each round, in order. */
export interface Cell extends Readonly<Record<Metric, readonly number[]>> {
  readonly case: string;
  readonly conc: number;
  /** Of what is sent, in bytes. */
  readonly size: number;
  /** The two parts of `cpu`: of the process that answers, and of the one that asks. */
  readonly serverCpu: readonly number[];
  readonly clientCpu: readonly number[];
}

/** `a` divided by `b`, round by round. */
export interface Ratio extends Interval {
  readonly a: string;
  readonly b: string;
  readonly conc: number;
  readonly metric: Metric;
}

/** With the 95 % interval of the median; all null where one of the cases has failed. */
export interface Interval {
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
}

export interface Goal extends Interval {
  readonly id: string;
  readonly text: string;
  readonly a: string;
  readonly b: string | null;
  readonly conc: number;
  readonly metric: Metric;
  /** Such as `>= 1.5`. */
  readonly target: string;
  readonly verdict: Verdict;
}

/** A case with a wrong answer, or none, is out from there on. */
export interface Failure {
  readonly case: string;
  readonly error: string;
}
