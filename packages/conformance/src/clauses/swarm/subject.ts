import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const subjectClauses: readonly SwarmClause[] = [
  {
    id: 'SUBJECT-1',
    statement: 'subjects are whole texts: no prefix, pattern, letter case or escape is special',
    run: wholeTexts,
  },
  {
    id: 'SUBJECT-2',
    statement: 'subjects of 450 characters that differ in the last one only are told apart',
    run: longSubjects,
  },
];

/** Neighbours here are what brokers and clients tend to confuse. `#` is the bench's own prefix. */
const NEIGHBOURS: readonly string[] = [
  '#',
  '#.a',
  '#.a.b',
  '#.a.b.c',
  '#.ab',
  '#a',
  '#.A',
  '#.A.b',
  '#.a.B',
  '#.n.x',
  '#.n.x=2e',
  '#.n.x=2E',
  '#.n.x=2ey',
  '#.n.x.y',
  '#.n.x=2a',
  '#.n.=2a',
  '#.n.=3e',
  '#.n.=',
  '#.n.=23',
  '#.n.-',
  '#.n.--',
  '#.n._',
  '#.n.0',
  '#.n.00',
  '#.n.-1',
  '#.n.true',
  '#.n.null',
  '#.n.__proto__',
  '#.n.constructor',
  '_INBOX.#',
  'amq.#',
  'amq.direct.#',
  '__keyspace.#',
];

async function wholeTexts(bench: SwarmBench): Promise<void> {
  const subjects = NEIGHBOURS.map((text) => text.replace('#', bench.prefix));
  await eachOnItsOwn(bench, subjects);
}

async function longSubjects(bench: SwarmBench): Promise<void> {
  // An id of 128 bytes, all of them escaped, behind a namespace of 64 characters.
  const long = `${bench.prefix}.n.${'=c3=a9'.repeat(80)}`.slice(0, 449);
  await eachOnItsOwn(
    bench,
    ['0', '1', 'a', 'A', '.'.concat('b'), '=', '-', '_'].map((end) => long + end),
  );
}

/** Half of the subjects are one link's, the others another's; each hears its own and no other. */
async function eachOnItsOwn(bench: SwarmBench, subjects: readonly string[]): Promise<void> {
  const { publisher } = await bench.open('publisher');
  const stations = await bench.openMany(2);
  const sharesOf = stations.map((_, half) => subjects.filter((_subject, i) => i % 2 === half));
  for (const [half, station] of stations.entries()) {
    await station.subscribe(...(sharesOf[half] ?? []));
  }

  for (const subject of subjects) publisher.publish(subject, subject);
  for (const [half, station] of stations.entries()) {
    await station.hears(sharesOf[half]?.length ?? 0);
    await publisher.fence(station);
  }

  for (const [half, station] of stations.entries()) {
    const arrived = station.heard.map(({ subject }, i) => [subject, station.texts()[i]]);
    const expected = (sharesOf[half] ?? []).map((subject) => [subject, subject]);
    assert.deepEqual(arrived.toSorted(), expected.toSorted());
  }
}
