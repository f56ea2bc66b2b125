import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Core } from './core.ts';
import { Coverage } from './coverage.ts';
import { INVARIANTS } from './invariants.ts';
import type { Plan } from './plan.ts';
import { planOf } from './planner.ts';
import { runPool } from './pool.ts';
import { type Failure, type Report, Runner } from './runner.ts';
import { shrink } from './shrink.ts';
import { coverageTable, missingPairs, PAIR_MIN } from './table.ts';

const USAGE = `usage: sim --schedules <n> [--seed <first>] [--workers <n>]   run schedules
       sim --seed <seed> [--whole]                              show one, and make it small if it fails`;

/** Failures that are shown, each with a trace of its own. */
const SHOWN_MAX = 3;

/** Below this, not every pair of frame and fault can have come up. */
const COVERED_FROM = 100_000;

const OPTIONS = {
  schedules: { type: 'string' },
  seed: { type: 'string' },
  workers: { type: 'string' },
  whole: { type: 'boolean' },
} as const;

type Print = (text: string) => void;

/** Resolves with the exit code: 0 when everything held. */
export async function main(args: readonly string[], print: Print): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const firstSeed = Number(values.seed ?? 1);
  const schedules = Number(values.schedules ?? 0);
  const workers = Number(values.workers ?? availableParallelism());
  if (![firstSeed, schedules, workers].every(Number.isSafeInteger) || workers < 1) {
    print(USAGE);
    return 2;
  }
  if (schedules > 0) return runAll({ firstSeed, schedules, workers }, print);
  if (values.seed === undefined) {
    print(USAGE);
    return 2;
  }
  return (await replay(firstSeed, values.whole === true, print)) ? 0 : 1;
}

async function runAll(
  run: { readonly firstSeed: number; readonly schedules: number; readonly workers: number },
  print: Print,
): Promise<number> {
  const startMs = performance.now();
  const report = await runPool({ core: import.meta.resolve('@swarm/core'), ...run });
  const tookS = (performance.now() - startMs) / 1_000;
  for (const line of summary(report, tookS, run.workers)) print(line);
  for (const { seed } of report.failures.slice(0, SHOWN_MAX)) await replay(seed, false, print);
  const missing = run.schedules < COVERED_FROM ? [] : missingPairs(report.coverage);
  if (missing.length > 0) print(`pairs below ${PAIR_MIN}: ${missing.join(', ')}`);
  return report.failures.length === 0 && missing.length === 0 ? 0 : 1;
}

function* summary(report: Report, tookS: number, workers: number): Generator<string> {
  const { schedules, requests, failures, coverage } = report;
  yield coverageTable(coverage);
  yield '';
  const rate = Math.round(schedules / tookS);
  yield `${schedules} schedules with ${requests} requests in ${tookS.toFixed(1)} s on ${workers} workers: ${rate}/s`;
  yield `${failures.length} violations`;
  for (const line of byInvariant(failures)) yield line;
}

function byInvariant(failures: readonly Failure[]): string[] {
  return Object.keys(INVARIANTS).flatMap((id) => {
    const seeds = failures.filter(({ violations }) => violations[0]?.invariant === id);
    if (seeds.length === 0) return [];
    const shown = seeds.slice(0, 10).map(({ seed }) => seed);
    return [`  ${id}: ${seeds.length} schedules, seeds ${shown.join(' ')}`];
  });
}

/** Show a schedule: as it is, or if it fails, the smallest that fails like it. True if it holds. */
async function replay(seed: number, isWhole: boolean, print: Print): Promise<boolean> {
  const runner = new Runner((await import('@swarm/core')) as Core);
  try {
    const plan = planOf(seed);
    const [first] = (await runner.result(plan, new Coverage(), false)).violations;
    const shown: Plan =
      first === undefined || isWhole ? plan : await shrink(runner, plan, first.invariant);
    const { lines, violations, hash } = await runner.result(shown, new Coverage(), true);
    const { faults, ops, setup } = shown;
    print(`\nseed ${seed}: ${faults.length} faults, ${ops.length} calls, ${JSON.stringify(setup)}`);
    for (const line of lines) print(line);
    for (const { invariant, text } of violations) {
      print(`${invariant} (${INVARIANTS[invariant]}): ${text}`);
    }
    print(violations.length === 0 ? `seed ${seed} holds, trace ${hash}` : replayLine(seed));
    return violations.length === 0;
  } finally {
    runner.stop();
  }
}

function replayLine(seed: number): string {
  return `seed ${seed} failed; again with: pnpm sim --seed ${seed}`;
}
