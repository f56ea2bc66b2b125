import assert from 'node:assert/strict';
import type { SocketBench, SocketClause } from '../../socket-bench.ts';
import { assertBytes, noise } from '../payload.ts';

export const limitClauses: readonly SocketClause[] = [
  {
    id: 'LIMIT-1',
    statement: 'a message of exactly socketFrameBytesMax arrives unchanged, both ways',
    run: exactlyTheMost,
  },
  {
    id: 'LIMIT-2',
    statement: 'a message of more is not heard, and ends its socket, but no other',
    run: tooMuch,
  },
];

function exactlyTheMost(bench: SocketBench): Promise<void> {
  const { frameBytesMax } = bench;
  return bench.bothWays(async (sender, receiver) => {
    sender.send(noise(frameBytesMax, 1));
    sender.send('x'.repeat(frameBytesMax));
    await receiver.hears(2);

    const [bytes, text] = receiver.messages;
    assert(bytes instanceof Uint8Array, 'bytes arrive as bytes');
    assertBytes(bytes, noise(frameBytesMax, 1), 'the greatest message');
    assert(text === 'x'.repeat(frameBytesMax), 'the greatest text arrives as it is');
    assert.deepEqual(receiver.closings, []);
  });
}

async function tooMuch(bench: SocketBench): Promise<void> {
  const other = await bench.open();
  // Bytes count, and not characters.
  const ofTwoBytes = 'é'.repeat(bench.frameBytesMax / 2 + 1);
  for (const message of [new Uint8Array(bench.frameBytesMax + 1), ofTwoBytes]) {
    await bench.bothWays(async (sender, receiver) => {
      sender.send('before');
      sender.send(message);
      await receiver.isTold();
      await sender.isTold();

      assert.deepEqual(receiver.messages, ['before']);
    });
  }

  other.near.send('still open');
  other.far.send('still open');
  await other.far.hears(1);
  await other.near.hears(1);
}
