import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

/** As many nodes with chosen ids as a process may well have. */
const SUBJECTS = 10_000;

export const announceClauses: readonly SwarmClause[] = [
  {
    id: 'ANNOUNCE-1',
    statement: '10,000 subjects subscribed at once are each heard',
    run: manySubjects,
  },
  {
    id: 'ANNOUNCE-2',
    statement: 'of 10,000 subjects, the half that is unsubscribed is not heard, the other is',
    run: halfWithdrawn,
  },
  {
    id: 'ANNOUNCE-3',
    statement: 'a subject subscribed twice arrives once, and is left by one unsubscribe',
    run: subscribedTwice,
  },
  {
    id: 'ANNOUNCE-4',
    statement: 'unsubscribing what was never subscribed, or nothing at all, does no harm',
    run: neverSubscribed,
  },
  {
    id: 'ANNOUNCE-5',
    statement: 'subscribe and unsubscribe act in the order of the calls, awaited or not',
    run: notAwaited,
  },
];

async function manySubjects(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subjects = bench.subjects(SUBJECTS);

  await station.subscribe(...subjects);
  for (const subject of subjects) publisher.publish(subject, subject);
  await station.hears(SUBJECTS);

  assertSame(station.texts(), subjects);
}

async function halfWithdrawn(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subjects = bench.subjects(SUBJECTS);
  const kept = subjects.filter((_subject, i) => i % 2 === 0);

  await station.subscribe(...subjects);
  await station.unsubscribe(...subjects.filter((_subject, i) => i % 2 === 1));
  for (const subject of subjects) publisher.publish(subject, subject);
  await station.hears(kept.length);
  await publisher.fence(station);

  assertSame(station.texts(), kept);
}

async function subscribedTwice(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();

  await station.subscribe(subject, subject);
  await station.subscribe(subject);
  await station.subscribe(station.inbox);
  publisher.publish(subject, 'once');
  publisher.publish(station.inbox, 'once');
  await station.hears(2);
  await publisher.fence(station);
  assert.deepEqual(station.texts(), ['once', 'once']);

  await station.unsubscribe(subject);
  publisher.publish(subject, 'never');
  await publisher.fence(station);
  assert.deepEqual(station.texts(subject), ['once']);
}

async function neverSubscribed(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();

  await station.unsubscribe(bench.subject());
  await station.unsubscribe();
  await station.subscribe();
  await station.subscribe(subject);
  await station.unsubscribe(bench.subject(), bench.subject());
  publisher.publish(subject, 'still heard');
  publisher.publish(station.inbox, 'still heard');

  await station.hears(2);
}

async function notAwaited(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const [taken, left] = [bench.subject(), bench.subject()];

  await Promise.all([
    station.subscribe(taken, left),
    station.unsubscribe(taken),
    station.subscribe(taken),
    station.unsubscribe(left),
  ]);
  publisher.publish(left, 'left');
  publisher.publish(taken, 'taken');
  await station.hears(1);
  await publisher.fence(station);

  assert.deepEqual(station.texts(), ['taken']);
}

/** The same texts in any order: order holds per subject only. */
function assertSame(texts: readonly string[], expected: readonly string[]): void {
  const [arrived, wanted] = [new Set(texts), new Set(expected)];
  const missing = expected.filter((text) => !arrived.has(text));
  const surplus = texts.filter((text) => !wanted.has(text));
  assert.deepEqual([missing.slice(0, 5), surplus.slice(0, 5)], [[], []], 'missing, surplus');
}
