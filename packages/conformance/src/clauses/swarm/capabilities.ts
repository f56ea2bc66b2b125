import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const capabilitiesClauses: readonly SwarmClause[] = [
  {
    id: 'CAPABILITIES-1',
    statement: 'name and capabilities are plain data, and no use of the swarm changes them',
    run: plainData,
  },
];

async function plainData(bench: SwarmBench): Promise<void> {
  const { name, capabilities } = bench.swarm;
  const before = { ...capabilities };
  assert(typeof name === 'string' && name.length > 0, 'a swarm has a name');
  assert(before.frameBytesMax > 0, 'frameBytesMax is a number');
  assert(typeof before.detectsNoReceiver === 'boolean', 'detectsNoReceiver is true or false');

  const { publisher, station } = await bench.open('publisher', 'station');
  publisher.publish(bench.subject(), 'to nobody', 1);
  await publisher.fence(station);
  await station.close();

  assert.deepEqual({ ...bench.swarm.capabilities }, before);
  assert.equal(bench.swarm.name, name);
}
