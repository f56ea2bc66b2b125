import { expect, it } from 'vitest';
import { createClient, createServer, swarmJson } from '../src/index.ts';
import { arena } from './arena.ts';
import { failure } from './ends.ts';
import { PairedSocket } from './pair.ts';

// Types keep programs from this; a program without types may do it all the same.
it('gives whoever asks an event’s name what its handlers make of it', async () => {
  const server = await createServer({ contract: arena });
  const [near, far] = PairedSocket.pair();
  const client = createClient(near, { contract: arena, dialect: swarmJson });
  await server.createNode(far, { dialect: swarmJson });
  const name: 'add' = JSON.parse('"clicked"');

  const remove = server.client.on('clicked', (_ctx, x, y) => JSON.parse(`[${x},${y}]`));
  expect(await client.send(name, 1, 2)).toEqual([1, 2]);

  remove();
  server.client.on('clicked', (ctx) => ctx.throw('no'));
  expect(await failure(client.send(name, 1, 2))).toMatchObject({ type: 'endpoint', message: 'no' });
  await server.close();
});
