import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const epochClauses: readonly SwarmClause[] = [
  {
    id: 'EPOCH-1',
    statement: 'after a loss the same swarm connects again, and all of it works',
    run: connectsAgain,
  },
  {
    id: 'EPOCH-2',
    statement: 'a new link has its inbox only: nothing of a lost one is revived, or tied to it',
    run: nothingRevived,
  },
];

async function connectsAgain(bench: SwarmBench): Promise<void> {
  const earlier = await bench.openMany(2);
  await bench.sever(...earlier);

  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  await station.subscribe(subject);
  publisher.publish(subject, 'subject');
  publisher.publish(station.inbox, 'inbox');
  await station.hears(2);
  await station.unsubscribe(subject);
  publisher.publish(subject, 'left');
  await publisher.fence(station);

  assert.deepEqual(station.texts().toSorted(), ['inbox', 'subject']);
}

async function nothingRevived(bench: SwarmBench): Promise<void> {
  const { earlier } = await bench.open('earlier');
  const subject = bench.subject();
  await earlier.subscribe(subject);
  await bench.sever(earlier);
  const { calls } = earlier;

  const { publisher } = await bench.open('publisher');
  const later = await bench.openAt(earlier.inbox);
  publisher.publish(subject, 'of the old link');
  publisher.publish(later.inbox, 'inbox');
  await later.hears(1);
  await publisher.fence(later);
  assert.deepEqual(later.texts(), ['inbox']);
  assert.equal(earlier.calls, calls, 'calls of the old host, and those until the loss');

  await later.subscribe(subject);
  await earlier.close();
  publisher.publish(subject, 'of the new link');
  await later.hears(2);
}
