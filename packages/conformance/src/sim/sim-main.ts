import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { readCorpus, writeCorpus } from './corpus.ts';
import { writePart } from './document.ts';
import { INVARIANTS } from './invariants.ts';
import { huntAll, huntTable } from './planted/hunt.ts';
import { runPool } from './pool.ts';
import { replay } from './replay.ts';
import type { Failure, Report } from './runner.ts';
import { coverageSummary, coverageTable, missingPairs, PAIR_MIN } from './table.ts';

const USAGE = `usage: sim --schedules <n> [--seed <first>] [--workers <n>]   run schedules
       sim --seed <seed> [--whole]                              show one, and make it small if it fails
       sim --planted [--workers <n>]                            look for bugs planted in the core
With --write, docs/simulation.md gets the tables of what was found, and the corpus is renewed.`;

/** Failures that are shown, each with a trace of its own. */
const SHOWN_MAX = 3;

/** Below this, not every pair of frame and fault can have come up. */
const COVERED_FROM = 100_000;

const OPTIONS = {
  schedules: { type: 'string' },
  seed: { type: 'string' },
  workers: { type: 'string' },
  whole: { type: 'boolean' },
  planted: { type: 'boolean' },
  write: { type: 'boolean' },
} as const;

type Print = (text: string) => void;

interface Run {
  readonly firstSeed: number;
  readonly schedules: number;
  readonly workers: number;
  /** Whether the documentation is to tell of it. */
  readonly isWritten: boolean;
}

/** Resolves with the exit code: 0 when everything held. */
export async function main(args: readonly string[], print: Print): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const firstSeed = Number(values.seed ?? 1);
  const schedules = Number(values.schedules ?? 0);
  const workers = Number(values.workers ?? availableParallelism());
  const run: Run = { firstSeed, schedules, workers, isWritten: values.write === true };
  const areNumbers = [firstSeed, schedules, workers].every(Number.isSafeInteger) && workers > 0;
  if (areNumbers && values.planted === true) return huntPlanted(run, print);
  if (areNumbers && schedules > 0) return runAll(run, print);
  if (!areNumbers || values.seed === undefined) {
    print(USAGE);
    return 2;
  }
  return (await replay(firstSeed, values.whole === true, print)) ? 0 : 1;
}

async function runAll(run: Run, print: Print): Promise<number> {
  const { schedules, workers, isWritten } = run;
  const startMs = performance.now();
  const report = await runPool({ core: import.meta.resolve('@swarm/core'), ...run });
  const tookS = (performance.now() - startMs) / 1_000;
  for (const line of summary(report, tookS, workers)) print(line);
  for (const { seed } of report.failures.slice(0, SHOWN_MAX)) await replay(seed, false, print);
  const missing = schedules < COVERED_FROM ? [] : missingPairs(report.coverage);
  if (missing.length > 0) print(`pairs below ${PAIR_MIN}: ${missing.join(', ')}`);
  if (isWritten) writePart('coverage', coverageSummary(report));
  return report.failures.length === 0 && missing.length === 0 ? 0 : 1;
}

/** Whether the simulator finds what is to be found. */
async function huntPlanted({ workers, isWritten }: Run, print: Print): Promise<number> {
  const catches = await huntAll(workers, isWritten);
  print(huntTable(catches));
  if (isWritten) {
    writePart('planted', huntTable(catches));
    const planted = new Set(catches.map(({ bug }) => bug.name));
    const others = readCorpus().filter(({ bug }) => !planted.has(bug));
    writeCorpus([...catches.flatMap(({ entries }) => entries), ...others]);
  }
  const missed = catches.filter(({ schedules }) => schedules === null);
  print(`${catches.length - missed.length} of ${catches.length} planted bugs found`);
  for (const { bug } of missed) print(`missed: ${bug.name}`);
  return missed.length === 0 ? 0 : 1;
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
