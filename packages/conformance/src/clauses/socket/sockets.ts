import assert from 'node:assert/strict';
import type { SocketBench, SocketClause } from '../../socket-bench.ts';

export const socketsClauses: readonly SocketClause[] = [
  {
    id: 'SOCKETS-1',
    statement: 'twenty sockets, opened at once, each hear their own messages and no others',
    run: eachItsOwn,
  },
  {
    id: 'SOCKETS-2',
    statement: 'the end of some sockets, closed or broken, leaves the others alone',
    run: othersStay,
  },
];

async function eachItsOwn(bench: SocketBench): Promise<void> {
  const connections = await bench.openMany(20);

  for (let round = 0; round < 10; round += 1) {
    for (const [i, { near, far }] of connections.entries()) {
      near.send(`to far ${i}, ${round}`);
      far.send(`to near ${i}, ${round}`);
    }
  }
  for (const { near, far } of connections) {
    await near.hears(10);
    await far.hears(10);
  }

  const rounds = Array.from({ length: 10 }, (_, round) => round);
  for (const [i, { near, far }] of connections.entries()) {
    assert.deepEqual(
      far.messages,
      rounds.map((round) => `to far ${i}, ${round}`),
    );
    assert.deepEqual(
      near.messages,
      rounds.map((round) => `to near ${i}, ${round}`),
    );
  }
}

async function othersStay(bench: SocketBench): Promise<void> {
  const connections = await bench.openMany(6);
  const [closing, severed, ...staying] = connections;
  closing?.near.close();
  await severed?.sever();
  for (const { near, far } of [closing, severed].filter((pair) => pair !== undefined)) {
    await near.isTold();
    await far.isTold();
  }

  for (const { near, far } of staying) {
    near.send('there');
    far.send('back');
  }
  for (const { near, far } of staying) {
    await near.hears(1);
    await far.hears(1);
    assert.deepEqual([near.closings, far.closings], [[], []], 'ends of a socket that stays');
  }
}
