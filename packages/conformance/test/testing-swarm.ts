import { onTestFinished } from 'vitest';
import { type TestSwarm, type TestSwarmOptions, testSwarm } from '../src/testing/index.ts';

/** A swarm that leaves nothing when the test ends. */
export function newSwarm(options?: TestSwarmOptions): TestSwarm {
  const swarm = testSwarm(options);
  onTestFinished(() => swarm.close());
  return swarm;
}

/** How a call ends: its value, or the failure in short. */
export function ending(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error) => `${error.subtype ?? error}/${error.delivered}`);
}

/** Two servers, and a node on the second that counts what it is asked. */
export async function twoServers(swarm: TestSwarm) {
  const here = await swarm.server();
  const there = await swarm.server();
  let served = 0;
  there.on('count', () => {
    served += 1;
    return served;
  });
  there.on('slow', () => swarm.clock.sleep(60_000));
  const ada = await swarm.client(there, { id: 'ada' });
  return { here, there, ada, served: () => served };
}
