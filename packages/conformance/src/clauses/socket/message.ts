import assert from 'node:assert/strict';
import type { Message } from '@swarm/core';
import type { SocketBench, SocketClause } from '../../socket-bench.ts';
import type { SocketEnd } from '../../socket-end.ts';
import { assertBytes, noise } from '../payload.ts';

export const messageClauses: readonly SocketClause[] = [
  {
    id: 'MESSAGE-1',
    statement: 'text arrives as the same text and bytes as the same bytes, both ways',
    run: keepTheirKind,
  },
  {
    id: 'MESSAGE-2',
    statement: 'an empty text and empty bytes arrive as such',
    run: emptyOnes,
  },
  {
    id: 'MESSAGE-3',
    statement: '10,000 messages each way at the same time arrive whole, once and in order',
    run: wholeAndInOrder,
  },
  {
    id: 'MESSAGE-4',
    statement: 'of bytes that are a view, what it shows arrives, and nothing around it',
    run: viewOfMore,
  },
  {
    id: 'MESSAGE-5',
    statement: 'bytes that a socket has delivered stay as they are while later messages arrive',
    run: staysUnchanged,
  },
];

const TEXTS: readonly string[] = [
  'text',
  '{"type":"x"}',
  'é€😀',
  '\0',
  '\r\n\r\n',
  '  ',
  '\uFEFFx',
];

function keepTheirKind(bench: SocketBench): Promise<void> {
  const ascending = Uint8Array.from({ length: 256 }, (_, i) => i);
  const messages: Message[] = TEXTS.flatMap((text) => [text, ascending, new Uint8Array([0xc3])]);
  return arriveAs(bench, messages);
}

function emptyOnes(bench: SocketBench): Promise<void> {
  return arriveAs(bench, ['', new Uint8Array(), 'after them', '', new Uint8Array([1])]);
}

async function wholeAndInOrder(bench: SocketBench): Promise<void> {
  const { near, far } = await bench.open();
  const messageOf = (i: number) => `${i}`.padEnd(i % 100 === 0 ? 20_000 : 1);

  for (let i = 0; i < 10_000; i += 1) {
    near.send(messageOf(i));
    far.send(messageOf(i));
  }
  for (const end of [near, far]) {
    await end.hears(10_000);
    const wrong = end.messages.findIndex((message, i) => message !== messageOf(i));
    assert.equal(wrong, -1, `the first wrong message at the ${end.name} end`);
  }
  await echo(near, far);
}

async function viewOfMore(bench: SocketBench): Promise<void> {
  const whole = noise(1_000, 1);
  const views = [whole.subarray(0, 10), whole.subarray(10, 900), whole.subarray(999)];
  await arriveAs(bench, views);
}

function staysUnchanged(bench: SocketBench): Promise<void> {
  return arriveAs(
    bench,
    Array.from({ length: 500 }, (_, i) => noise((i * 37) % 5_000, i)),
  );
}

/** The messages arrive as they are and in order, both ways. Looked at when all have arrived. */
function arriveAs(bench: SocketBench, messages: readonly Message[]): Promise<void> {
  return bench.bothWays(async (sender, receiver) => {
    for (const message of messages) sender.send(message);
    await receiver.hears(messages.length);

    for (const [i, message] of messages.entries()) {
      const what = `message ${i} at the ${receiver.name} end`;
      const arrived = receiver.messages[i];
      if (typeof message === 'string') assert.equal(arrived, message, what);
      else if (typeof arrived === 'string') assert.fail(`${what} is text`);
      else assertBytes(arrived, message, what);
    }
  });
}

/** One more message there and back: nothing that came twice is still on its way. */
async function echo(near: SocketEnd, far: SocketEnd): Promise<void> {
  const counts = [near.messages.length + 1, far.messages.length + 1] as const;
  near.send('echo');
  await far.hears(counts[1]);
  far.send('echo');
  await near.hears(counts[0]);
  assert.deepEqual([near.messages.length, far.messages.length], counts);
  assert.deepEqual([near.messages.at(-1), far.messages.at(-1)], ['echo', 'echo']);
}
