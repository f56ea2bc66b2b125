import type { Core } from './core.ts';
import { type Report, Runner } from './runner.ts';

/** Seeds for a worker to run. */
export interface Chunk {
  readonly firstSeed: number;
  readonly count: number;
  /** Stop at the first failure. */
  readonly isFirstEnough: boolean;
}

/** Nobody reads stacks of a hundred thousand errors; a replay has them. */
Error.stackTraceLimit = 0;

/** The core to simulate, as it is imported. */
const core: string = process.argv[2] ?? '@swarm/core';
const runner = new Runner((await import(core)) as Core);

process.on('message', ({ firstSeed, count, isFirstEnough }: Chunk) => {
  const isEnough = (failures: number) => isFirstEnough && failures > 0;
  void runner.run(firstSeed, count, isEnough).then((report: Report) => {
    process.send?.(report);
  });
});
