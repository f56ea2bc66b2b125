import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onSwarm, type SwarmName } from './brokers.ts';
import { type Performance, perform } from './scenario.ts';

/** Compiled, whoever asks: Node does not run this source. */
const MEMORY_PROGRAM = fileURLToPath(new URL('../dist/memory-main.js', import.meta.url));

/**
 * Performs the scenario with so many servers. Those of a memory swarm get a process of their own
 * together, for they stand still together.
 */
export async function performOn(swarm: SwarmName, processes: number): Promise<Performance> {
  if (swarm !== 'memory') return onSwarm(swarm, ({ site }) => perform(site, processes));
  const child = fork(MEMORY_PROGRAM, [`${processes}`], { execArgv: [] });
  return new Promise((resolve, reject) => {
    child.once('message', (performance: Performance) => resolve(performance));
    // After a message nobody hears of it.
    child.once('exit', (code) => reject(new Error(`the scenario in memory ended with ${code}`)));
  });
}
