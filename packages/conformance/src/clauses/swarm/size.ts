import assert from 'node:assert/strict';
import { LIMITS } from '@swarm/core';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';
import { assertBytes, noise } from '../payload.ts';

export const sizeClauses: readonly SwarmClause[] = [
  {
    id: 'SIZE-1',
    statement: 'a payload of exactly host.frameBytesMax arrives unchanged',
    run: exactlyTheMost,
  },
  {
    id: 'SIZE-2',
    statement: 'publishing more than frameBytesMax throws a TypeError, and harms nothing else',
    run: tooMuch,
  },
  {
    id: 'SIZE-3',
    statement: 'connect rejects a host whose frameBytesMax is more than the capability',
    run: hostWantsMore,
  },
  {
    id: 'SIZE-4',
    statement: 'a swarm carries swarmFrameBytesMax, unless its fixture states that it does not',
    needs: 'swarmFrameBytesMax',
    run: carriesTheLimit,
  },
];

async function exactlyTheMost(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const length = bench.frameBytesMax;

  for (let i = 0; i < 4; i += 1) publisher.publish(station.inbox, noise(length - (i % 2), i));
  await station.hears(4);

  for (let i = 0; i < 4; i += 1) {
    assertBytes(station.heard[i]?.payload, noise(length - (i % 2), i), `payload ${i}`);
  }
}

/** Greater arrays cannot be made everywhere; a swarm with such a limit has practically none. */
const TRIED_BYTES_MAX = 1_073_741_824;

async function tooMuch(bench: SwarmBench): Promise<void> {
  const { frameBytesMax } = bench.capabilities;
  const { publisher, station } = await bench.open('publisher', 'station');

  publisher.publish(station.inbox, 'before');
  if (frameBytesMax < TRIED_BYTES_MAX) {
    const payload = new Uint8Array(frameBytesMax + 1);
    assert.throws(() => publisher.publish(station.inbox, payload), TypeError);
  }
  publisher.publish(station.inbox, 'after');
  await publisher.fence(station);

  assert.deepEqual(station.texts(), ['before', 'after']);
  assert.deepEqual([publisher.losses, station.losses], [[], []], 'losses');
}

async function hostWantsMore(bench: SwarmBench): Promise<void> {
  const tooMuch = bench.capabilities.frameBytesMax + 1;
  const connecting = bench.host(`${bench.prefix}.p.greedy`, tooMuch).connect(bench.swarm);

  const { status } = await bench.waiting.settled(connecting, () => 'connect rejects');
  assert.equal(status, 'rejected');
}

async function carriesTheLimit(bench: SwarmBench): Promise<void> {
  const { frameBytesMax } = bench.capabilities;
  assert(frameBytesMax >= LIMITS.swarmFrameBytesMax, `it carries ${frameBytesMax} bytes only`);
}
