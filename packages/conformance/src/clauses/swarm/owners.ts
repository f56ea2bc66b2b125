import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const ownersClauses: readonly SwarmClause[] = [
  {
    id: 'OWNERS-1',
    statement: 'every link that subscribed to a subject hears it, the publishing one too',
    run: everyOwnerHears,
  },
  {
    id: 'OWNERS-2',
    statement: 'a subject that one link has left is still heard by the others',
    run: othersGoOn,
  },
  {
    id: 'OWNERS-3',
    statement: 'two links with one inbox both hear it, as when the old one is dead unnoticed',
    run: sharedInbox,
  },
];

async function everyOwnerHears(bench: SwarmBench): Promise<void> {
  const { publisher, ...others } = await bench.open('publisher', 'first', 'second');
  const stations = [publisher, ...Object.values(others)];
  const subject = bench.subject();
  for (const station of stations) await station.subscribe(subject);

  for (let i = 0; i < 10; i += 1) publisher.publish(subject, `${i}`);
  for (const station of stations) await station.hears(10);
  for (const station of stations) await publisher.fence(station);

  const expected = Array.from({ length: 10 }, (_, i) => `${i}`);
  for (const station of stations) assert.deepEqual(station.texts(subject), expected);
}

async function othersGoOn(bench: SwarmBench): Promise<void> {
  const { publisher, leaving, staying } = await bench.open('publisher', 'leaving', 'staying');
  const subject = bench.subject();
  await leaving.subscribe(subject);
  await staying.subscribe(subject);

  await leaving.unsubscribe(subject);
  publisher.publish(subject, 'to who stayed');
  await staying.hears(1);
  await leaving.close();
  publisher.publish(subject, 'to who stayed longer');
  await staying.hears(2);
}

async function sharedInbox(bench: SwarmBench): Promise<void> {
  const { publisher, first } = await bench.open('publisher', 'first');
  const second = await bench.openAt(first.inbox);

  publisher.publish(first.inbox, 'to both');
  await first.hears(1);
  await second.hears(1);
  await first.close();
  publisher.publish(first.inbox, 'to the second');
  await second.hears(2);

  assert.deepEqual(first.texts(), ['to both']);
}
