import assert from 'node:assert/strict';
import type { SocketBench, SocketClause } from '../../socket-bench.ts';
import { noise } from '../payload.ts';

export const bufferClauses: readonly SocketClause[] = [
  {
    id: 'BUFFER-1',
    statement: 'bufferedBytes grows with what is not sent yet, and is 0 when all has arrived',
    needs: 'bufferedBytes',
    run: growsAndShrinks,
  },
];

/** More than any system takes at once from a socket that nobody reads meanwhile. */
const MESSAGES = 32;

function growsAndShrinks(bench: SocketBench): Promise<void> {
  return bench.bothWays(async (sender, receiver) => {
    const message = noise(bench.frameBytesMax, 1);
    const total = MESSAGES * message.length;

    assert.equal(sender.socket.bufferedBytes, 0, 'bytes before anything was sent');
    for (let i = 0; i < MESSAGES; i += 1) sender.send(message);
    const most = sender.socket.bufferedBytes ?? 0;
    assert(most > total / 4 && most < total * 2, `${most} bytes wait, of ${total} sent at once`);

    await receiver.hears(MESSAGES);
    receiver.send('all of it');
    await sender.hears(1);
    assert.equal(sender.socket.bufferedBytes, 0, 'bytes when all has arrived');
  });
}
