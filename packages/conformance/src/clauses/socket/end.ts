import assert from 'node:assert/strict';
import type { SocketBench, SocketClause } from '../../socket-bench.ts';
import type { SocketEnd } from '../../socket-end.ts';

export const endClauses: readonly SocketClause[] = [
  {
    id: 'END-1',
    statement: 'code and reason of a close arrive at the other end, both ways',
    run: codeAndReason,
  },
  {
    id: 'END-2',
    statement: 'both ends are told once that the socket is closed, whoever closed it',
    run: toldOnce,
  },
  {
    id: 'END-3',
    statement: 'what was sent before a close arrives before it, and nothing sent after it',
    run: sentBefore,
  },
  {
    id: 'END-4',
    statement: 'no message arrives after an end is told that the socket is closed',
    run: nothingAfterwards,
  },
  {
    id: 'END-5',
    statement: 'send and close at a socket that has ended do nothing, and do not throw',
    run: nothingMoreToDo,
  },
];

async function codeAndReason(bench: SocketBench): Promise<void> {
  for (const [code, reason] of [
    [1000, ''],
    [1001, 'the server is closing'],
    [4001, 'é'.repeat(61)],
    [4999, 'x'.repeat(123)],
  ] as const) {
    await bench.bothWays(async (closer, other) => {
      closer.close(code, reason);
      await other.isTold();

      assert.deepEqual(other.closings[0], { code, reason });
    });
  }
}

async function toldOnce(bench: SocketBench): Promise<void> {
  await bench.bothWays(async (closer, other) => {
    closer.close();
    closer.close(4000, 'again');
    await areToldOnce(bench, closer, other);
  });
  const { near, far } = await bench.open();
  near.close(4001, 'from the near end');
  far.close(4002, 'from the far end');
  await areToldOnce(bench, near, far);
}

function sentBefore(bench: SocketBench): Promise<void> {
  return bench.bothWays(async (closer, other) => {
    const expected = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(i * 100));
    for (const message of expected) closer.send(message);
    closer.close();
    closer.send('too late');
    await areToldOnce(bench, closer, other);

    assert(other.messages.length === 100, `${other.messages.length} messages arrive, of 100`);
    assert.deepEqual(other.messages, expected);
    assert.deepEqual(other.late, [], 'messages after the end');
  });
}

function nothingAfterwards(bench: SocketBench): Promise<void> {
  return bench.bothWays(async (closer, other) => {
    // Each answers the other, so that messages are on their way in both directions.
    other.onMessage = () => other.send('answer');
    closer.onMessage = () => {
      closer.send('answer');
      if (closer.messages.length === 50) closer.close();
    };
    for (let i = 0; i < 10; i += 1) closer.send('begin');
    await areToldOnce(bench, closer, other);

    assert.deepEqual([...closer.late, ...other.late], [], 'messages after the end');
  });
}

function nothingMoreToDo(bench: SocketBench): Promise<void> {
  return bench.bothWays(async (closer, other) => {
    closer.close();
    await closer.isTold();
    await other.isTold();

    for (const end of [closer, other]) {
      end.send('too late');
      end.send(new Uint8Array(1_000));
      end.close(4000, 'too late');
    }
    await areToldOnce(bench, closer, other);
    assert.deepEqual([...closer.messages, ...other.messages], []);
  });
}

/** A whole connection opens and ends meanwhile, as nothing can be sent behind an end. */
async function areToldOnce(bench: SocketBench, ...ends: readonly SocketEnd[]): Promise<void> {
  for (const end of ends) await end.isTold();
  const fence = await bench.open();
  fence.near.close();
  await fence.far.isTold();
  await fence.near.isTold();

  for (const { name, closings } of ends)
    assert.equal(closings.length, 1, `ends of the ${name} end`);
}
