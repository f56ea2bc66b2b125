import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Coverage } from './coverage.ts';
import type { Failure, Report } from './runner.ts';
import type { Chunk } from './worker.ts';

export interface PoolOptions {
  /** The core to simulate, as it is imported. */
  readonly core: string;
  readonly firstSeed: number;
  readonly schedules: number;
  readonly workers: number;
  /** No more schedules once one has failed. */
  readonly isFirstEnough?: boolean;
}

/** Schedules a worker gets at once. */
const CHUNK = 250;

/** None takes nearly as long, also where others need the machine, in ms. */
const CHUNK_TIMEOUT_MS = 120_000;

const WORKER: string = fileURLToPath(new URL('./worker.js', import.meta.url));

/**
 * Almost nothing outlives its schedule. Left to itself, V8 would expect the next one's objects to
 * live as long as those it happened to find alive, put them where they are expensive to get rid
 * of, and do so on threads that the other workers need.
 */
const FLAGS: readonly string[] = [
  '--no-allocation-site-pretenuring',
  '--single-threaded-gc',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
];

/** Run schedules in several processes; failures are in the order of their seeds. */
export async function runPool(options: PoolOptions): Promise<Report> {
  const { core, firstSeed, schedules, isFirstEnough = false } = options;
  const coverage = new Coverage();
  const failures: Failure[] = [];
  let [next, done, requests] = [0, 0, 0];
  const chunk = (): Chunk | null => {
    if (next >= schedules || (isFirstEnough && failures.length > 0)) return null;
    const count = Math.min(CHUNK, schedules - next);
    next += count;
    return { firstSeed: firstSeed + next - count, count, isFirstEnough };
  };
  const take = (report: Report): void => {
    done += report.schedules;
    requests += report.requests;
    coverage.add(report.coverage);
    failures.push(...report.failures);
  };
  await Promise.all(Array.from({ length: options.workers }, () => work(core, chunk, take)));
  failures.sort((a, b) => a.seed - b.seed);
  return { schedules: done, requests, failures, coverage: coverage.counts };
}

/** One worker, until there is nothing left to do. */
async function work(
  core: string,
  chunk: () => Chunk | null,
  take: (report: Report) => void,
): Promise<void> {
  const worker = fork(WORKER, [core], { execArgv: [...FLAGS], serialization: 'advanced' });
  try {
    for (let next = chunk(); next !== null; next = chunk()) take(await report(worker, next));
  } finally {
    const hasEnded = worker.exitCode !== null || worker.signalCode !== null;
    const ended = hasEnded ? null : once(worker, 'exit');
    worker.kill();
    await ended;
  }
}

/** @throws Error when the worker ends instead, or neither. */
async function report(worker: ChildProcess, chunk: Chunk): Promise<Report> {
  const over = new AbortController();
  const { signal } = over;
  const { firstSeed, count } = chunk;
  const seeds = `seeds ${firstSeed} to ${firstSeed + count - 1}`;
  const late = setTimeout(() => worker.kill('SIGKILL'), CHUNK_TIMEOUT_MS);
  const ended = once(worker, 'exit', { signal }).then(([code]): never => {
    throw new Error(`${seeds}: ${code === null ? 'one goes on for ever' : `exit code ${code}`}`);
  });
  try {
    worker.send(chunk);
    const [report] = await Promise.race([once(worker, 'message', { signal }), ended]);
    return report as Report;
  } finally {
    clearTimeout(late);
    over.abort();
    ended.catch(() => {});
  }
}
