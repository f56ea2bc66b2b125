import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const pressureClauses: readonly SwarmClause[] = [
  {
    id: 'PRESSURE-1',
    statement: 'pressure, where it is reported, is on and off in turn, and off when all is taken',
    run: onAndOff,
  },
];

/** More than a turn may hold back in memory, or a client library wants to buffer. */
const MESSAGES = 70_000;

async function onAndOff(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');

  for (let i = 0; i < MESSAGES; i += 1) publisher.publish(station.inbox, 'x');
  await station.hears(MESSAGES);
  await publisher.until(
    () => 'the pressure is off when all has arrived',
    () => publisher.pressures.at(-1) !== true,
  );

  const inTurn = publisher.pressures.map((_, i) => i % 2 === 0);
  assert.deepEqual(publisher.pressures, inTurn, 'pressures, and how they have to go');
}
