import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';
import type { Station } from '../../swarm-station.ts';

export const orderClauses: readonly SwarmClause[] = [
  {
    id: 'ORDER-1',
    statement: '10,000 messages of any size from one link to one subject arrive in order',
    run: oneSubject,
  },
  {
    id: 'ORDER-2',
    statement: 'order holds for each of several publishers and subjects at the same time',
    run: severalSubjects,
  },
];

async function oneSubject(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  await station.subscribe(subject);

  for (let i = 0; i < 10_000; i += 1) {
    // Great ones now and then: they are where an adapter may take another way.
    publisher.publish(subject, `${i}`.padEnd(i % 100 === 0 ? 20_000 : 1));
  }
  await station.hears(10_000);
  await publisher.fence(station);

  const arrived = station.texts(subject).map(Number);
  assert.equal(arrived.length, 10_000, 'messages that arrived');
  assertCounting(arrived, subject);
}

async function severalSubjects(bench: SwarmBench): Promise<void> {
  const { station } = await bench.open('station');
  const publishers = await bench.openMany(3);
  const subjects = [station.inbox, ...bench.subjects(4)];
  await station.subscribe(...subjects.slice(1));

  for (let i = 0; i < 200; i += 1) {
    for (const subject of subjects) publishAll(publishers, subject, i);
    // In several turns, so that publishers take turns at the broker.
    if (i % 20 === 0) await publishers[0]?.fence(station);
  }
  await station.hears(200 * publishers.length * subjects.length);

  for (const subject of subjects) {
    for (const { inbox } of publishers) {
      const own = station.texts(subject).filter((text) => text.startsWith(`${inbox} `));
      assertCounting(
        own.map((text) => Number(text.slice(inbox.length))),
        `${subject} from ${inbox}`,
      );
    }
  }
}

function publishAll(publishers: readonly Station[], subject: string, i: number): void {
  for (const publisher of publishers) publisher.publish(subject, `${publisher.inbox} ${i}`);
}

/** Found by hand: a comparison of so many numbers would take minutes to print. */
function assertCounting(numbers: readonly number[], where: string): void {
  const wrong = numbers.findIndex((number, i) => number !== i);
  if (wrong !== -1) assert.fail(`number ${numbers[wrong]} came as number ${wrong} of ${where}`);
}
