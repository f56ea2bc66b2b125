import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const deliverClauses: readonly SwarmClause[] = [
  {
    id: 'DELIVER-1',
    statement: 'a link hears its inbox from the moment connect resolves',
    run: inboxAtOnce,
  },
  {
    id: 'DELIVER-2',
    statement: 'a link hears a subject from the moment subscribe resolves',
    run: subjectAtOnce,
  },
  {
    id: 'DELIVER-3',
    statement: 'every message arrives once, under the subject it was published to',
    run: everyMessageOnce,
  },
  {
    id: 'DELIVER-4',
    statement: 'nothing is delivered from within publish, not even to oneself',
    run: neverWithinPublish,
  },
];

async function inboxAtOnce(bench: SwarmBench): Promise<void> {
  const { publisher } = await bench.open('publisher');
  for (let round = 0; round < 10; round += 1) {
    const { station } = await bench.open('station');
    publisher.publish(station.inbox, 'from another');
    station.publish(station.inbox, 'from itself');
    await station.hears(2);
  }
}

async function subjectAtOnce(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  for (let round = 1; round <= 10; round += 1) {
    const subject = bench.subject();
    await station.subscribe(subject);
    publisher.publish(subject, 'at once');
    await station.hears(round);
  }
}

async function everyMessageOnce(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subjects = [station.inbox, ...bench.subjects(99)];
  await station.subscribe(...subjects.slice(1));

  for (const subject of subjects) {
    for (let i = 0; i < 10; i += 1) publisher.publish(subject, `${subject} ${i}`);
  }
  await station.hears(1_000);
  await publisher.fence(station);

  assert.equal(station.heard.length, 1_000, 'messages that arrived, of 1,000');
  assert.equal(new Set(station.texts()).size, 1_000, 'different ones');
  for (const subject of subjects) {
    const strangers = station.texts(subject).filter((text) => !text.startsWith(`${subject} `));
    assert.deepEqual(strangers, [], `messages under the subject ${subject}, of another`);
  }
}

async function neverWithinPublish(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  await publisher.subscribe(subject);
  await station.subscribe(subject);
  // A host that answers at once is where a delivery from within would run in circles.
  station.onHeard = ({ subject: to }) => {
    if (to === subject) station.publish(station.inbox, 'answer');
  };

  for (let i = 0; i < 100; i += 1) publisher.publish(subject, 'to both');
  await publisher.hears(100);
  await station.hears(200);

  assert.deepEqual([...publisher.early, ...station.early], [], 'delivered within a publish');
}
