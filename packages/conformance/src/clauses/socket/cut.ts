import assert from 'node:assert/strict';
import type { SocketBench, SocketClause } from '../../socket-bench.ts';

export const cutClauses: readonly SocketClause[] = [
  {
    id: 'CUT-1',
    statement: 'a connection that breaks is told to both ends, once, as 1006',
    run: toldOnce,
  },
  {
    id: 'CUT-2',
    statement: 'send and close at a socket that broke do nothing, and do not throw',
    run: nothingMoreToDo,
  },
];

async function toldOnce(bench: SocketBench): Promise<void> {
  const { near, far, sever } = await bench.open();
  near.send('whole');
  await far.hears(1);

  await sever();
  await near.isTold();
  await far.isTold();
  await another(bench);

  assert.deepEqual(
    near.closings.map(({ code }) => code),
    [1006],
    'codes at the near end',
  );
  assert.deepEqual(
    far.closings.map(({ code }) => code),
    [1006],
    'codes at the far end',
  );
}

async function nothingMoreToDo(bench: SocketBench): Promise<void> {
  const { near, far, sever } = await bench.open();
  const severed = sever();
  // Into a connection that nobody knows yet to be broken.
  for (const end of [near, far]) for (let i = 0; i < 100; i += 1) end.send('x'.repeat(1_000));
  await severed;
  await near.isTold();
  await far.isTold();

  for (const end of [near, far]) {
    end.send('too late');
    end.close(4000, 'too late');
  }
  await another(bench);
  for (const { closings, late } of [near, far]) {
    assert.deepEqual([closings.length, late], [1, []], 'ends, and messages after the first');
  }
}

/** A whole connection, as nothing can be sent behind one that is gone. */
async function another(bench: SocketBench): Promise<void> {
  const { near, far } = await bench.open();
  near.send('there');
  await far.hears(1);
  far.close();
  await near.isTold();
}
