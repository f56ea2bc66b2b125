import { parentPort, workerData } from 'node:worker_threads';
import type { Core } from './core.ts';
import { type Report, Runner } from './runner.ts';

/** What a worker is started with. */
export interface WorkerConfig {
  /** The core to simulate, as it is imported. */
  readonly core: string;
}

/** Seeds for a worker to run. */
export interface Chunk {
  readonly firstSeed: number;
  readonly count: number;
  /** Stop at the first failure. */
  readonly isFirstEnough: boolean;
}

/** Nobody reads stacks of a hundred thousand errors; a replay has them. */
Error.stackTraceLimit = 0;

const { core } = workerData as WorkerConfig;
const runner = new Runner((await import(core)) as Core);

parentPort?.on('message', ({ firstSeed, count, isFirstEnough }: Chunk) => {
  const isEnough = (failures: number) => isFirstEnough && failures > 0;
  void runner.run(firstSeed, count, isEnough).then((report: Report) => {
    parentPort?.postMessage(report);
  });
});
