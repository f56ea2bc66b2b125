import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const linksClauses: readonly SwarmClause[] = [
  {
    id: 'LINKS-1',
    statement: 'ten links of one swarm, connected at once, each hear their own and no more',
    run: eachItsOwn,
  },
  {
    id: 'LINKS-2',
    statement: 'closing some of ten links leaves the others and their subjects alone',
    run: othersStay,
  },
];

async function eachItsOwn(bench: SwarmBench): Promise<void> {
  const stations = await bench.openMany(10);
  const subjects = bench.subjects(10);
  await Promise.all(stations.map((station, i) => station.subscribe(subjects[i] as string)));

  for (const publisher of stations) {
    for (const { inbox } of stations) publisher.publish(inbox, inbox);
    for (const subject of subjects) publisher.publish(subject, subject);
  }
  for (const station of stations) await station.hears(20);
  for (const station of stations) await station.fence();

  for (const [i, station] of stations.entries()) {
    const own = Array.from({ length: 10 }, () => [station.inbox, subjects[i]]).flat();
    assert.deepEqual(station.texts().toSorted(), own.toSorted());
  }
}

async function othersStay(bench: SwarmBench): Promise<void> {
  const stations = await bench.openMany(10);
  const subjects = bench.subjects(10);
  await Promise.all(stations.map((station, i) => station.subscribe(subjects[i] as string)));
  const staying = stations.filter((_station, i) => i % 2 === 0);

  await Promise.all(
    stations.filter((_station, i) => i % 2 === 1).map((station) => station.close()),
  );
  for (const [i, publisher] of staying.entries()) {
    const next = staying[(i + 1) % staying.length] ?? publisher;
    publisher.publish(next.inbox, 'inbox');
    publisher.publish(subjects[stations.indexOf(next)] as string, 'subject');
  }
  for (const station of staying) await station.hears(2);

  for (const station of staying) {
    assert.deepEqual(station.texts().toSorted(), ['inbox', 'subject']);
    assert.deepEqual(station.losses, [], 'losses of a link that stays');
  }
}
