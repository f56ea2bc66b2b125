import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const replayClauses: readonly SwarmClause[] = [
  {
    id: 'REPLAY-1',
    statement: 'what is published while nobody listens does not wait for a later link',
    run: nothingWaits,
  },
  {
    id: 'REPLAY-2',
    statement: 'what is published before or after a loss never arrives at a later link',
    run: nothingSurvives,
  },
];

async function nothingWaits(bench: SwarmBench): Promise<void> {
  const { publisher, earlier } = await bench.open('publisher', 'earlier');
  const subject = bench.subject();
  await earlier.subscribe(subject);
  await earlier.close();

  for (const to of [subject, earlier.inbox]) publisher.publish(to, 'to nobody');
  await publisher.fence();
  const later = await bench.openAt(earlier.inbox);
  await later.subscribe(subject);
  for (const to of [subject, earlier.inbox]) publisher.publish(to, 'to the later link');
  await later.hears(2);
  await publisher.fence(later);

  assert.deepEqual(later.texts(), ['to the later link', 'to the later link']);
}

async function nothingSurvives(bench: SwarmBench): Promise<void> {
  const { publisher, earlier } = await bench.open('publisher', 'earlier');
  const subject = bench.subject();
  await earlier.subscribe(subject);
  const publish = (text: string) => {
    for (const to of [subject, earlier.inbox]) publisher.publish(to, text);
  };

  publish('before the loss');
  const severed = bench.sever(publisher, earlier);
  publish('meanwhile');
  await severed;
  publish('after the loss');
  const later = await bench.openAt(earlier.inbox);
  await later.subscribe(subject);
  const { other } = await bench.open('other');
  await other.fence(later);
  // Nothing can be published behind what a lost link may still be holding back.
  await bench.waiting.settle();
  await other.fence(later);

  assert.deepEqual(later.texts(), []);
}
