import { Worker } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import type { Failure, Report } from './runner.ts';
import type { Chunk, WorkerConfig } from './worker.ts';

export interface PoolOptions {
  /** The core to simulate, as it is imported. */
  readonly core: string;
  readonly firstSeed: number;
  readonly schedules: number;
  readonly workers: number;
  /** No more schedules once one has failed. */
  readonly isFirstEnough?: boolean;
  readonly onProgress?: (schedules: number, failures: number) => void;
}

/** Schedules a worker gets at once. */
const CHUNK = 250;

/** Room for what one schedule after another throws away, so that little of it is ever copied. */
const YOUNG_MB = 192;

/** Run schedules on several threads; failures are in the order of their seeds. */
export async function runPool(options: PoolOptions): Promise<Report> {
  const { core, firstSeed, schedules, isFirstEnough = false, onProgress } = options;
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
    onProgress?.(done, failures.length);
  };
  const workers = Array.from({ length: options.workers }, () => work({ core }, chunk, take));
  await Promise.all(workers);
  failures.sort((a, b) => a.seed - b.seed);
  return { schedules: done, requests, failures, coverage: coverage.counts };
}

/** One worker, until there is nothing left to do. */
function work(
  workerData: WorkerConfig,
  chunk: () => Chunk | null,
  take: (report: Report) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const feed = () => {
      const next = chunk();
      if (next !== null) return worker.postMessage(next);
      void worker.terminate().then(() => resolve());
    };
    worker.on('online', feed);
    worker.on('error', reject);
    worker.on('message', (report: Report) => {
      take(report);
      feed();
    });
  });
}
