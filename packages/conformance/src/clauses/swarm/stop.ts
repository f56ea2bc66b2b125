import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const stopClauses: readonly SwarmClause[] = [
  {
    id: 'STOP-1',
    statement: 'nothing arrives for a subject once unsubscribe has resolved, amid traffic too',
    run: nothingAfterwards,
  },
  {
    id: 'STOP-2',
    statement: 'unsubscribing a subject, even the last, leaves the others and the inbox alone',
    run: othersGoOn,
  },
  {
    id: 'STOP-3',
    statement: 'a subject that was left can be subscribed again',
    run: subscribedAgain,
  },
];

async function nothingAfterwards(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  await station.subscribe(subject);
  publisher.publish(subject, 'heard');
  await station.hears(1);
  await station.unsubscribe(subject);
  publisher.publish(subject, 'too late');
  await publisher.fence(station);
  assert.deepEqual(station.texts(), ['heard']);

  await station.subscribe(subject);
  for (let i = 0; i < 500; i += 1) publisher.publish(subject, 'amid traffic');
  await station.unsubscribe(subject);
  const { length } = station.heard;
  for (let i = 0; i < 10; i += 1) publisher.publish(subject, 'too late');
  await publisher.fence(station);
  await station.fence();

  assert.equal(station.heard.length, length, 'messages heard, and those before it was left');
}

async function othersGoOn(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const [left, kept] = [bench.subject(), bench.subject()];
  await station.subscribe(left, kept);
  const expected: string[] = [];
  const publish = (text: string) => {
    expected.push(text);
    publisher.publish(kept, text);
  };

  for (let i = 0; i < 100; i += 1) publish(`before ${i}`);
  const leaving = station.unsubscribe(left);
  for (let i = 0; i < 100; i += 1) publish(`meanwhile ${i}`);
  await leaving;
  for (let i = 0; i < 100; i += 1) publish(`after ${i}`);
  await station.hears(300);
  assert.deepEqual(station.texts(kept), expected);

  await station.unsubscribe(kept);
  publisher.publish(station.inbox, 'the inbox is left');
  await station.hears(301);
}

async function subscribedAgain(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  for (let round = 1; round <= 5; round += 1) {
    await station.subscribe(subject);
    publisher.publish(subject, `round ${round}`);
    await station.hears(round);
    await station.unsubscribe(subject);
    publisher.publish(subject, 'between the rounds');
    await publisher.fence(station);
  }

  assert.deepEqual(
    station.texts(),
    [1, 2, 3, 4, 5].map((round) => `round ${round}`),
  );
}
