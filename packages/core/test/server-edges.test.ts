import { expect, it } from 'vitest';
import { HEADER_BYTES_MAX } from '../src/bytes.ts';
import { createServer, memory } from '../src/index.ts';
import { PairedSocket } from './pair.ts';

it('takes no limit of frames that leaves no room for a body', async () => {
  const limits = { swarmFrameBytesMax: HEADER_BYTES_MAX };

  await expect(createServer({ limits })).rejects.toThrow(TypeError);
});

it('gives an id to whoever takes it while its owner is told of the end', async () => {
  const server = await createServer({ swarm: memory('memory:quick') });
  const sockets = [0, 1, 2].map(() => PairedSocket.pair()[0]);
  const [first, second, third] = sockets;
  if (first === undefined || second === undefined || third === undefined) throw new Error();
  const node = await server.createNode(first, { id: 'me' });
  const quick = new Promise((resolve) => {
    node.events.on('close', () => resolve(server.createNode(second, { id: 'me' })));
  });

  await expect(server.createNode(third, { id: 'me' })).rejects.toMatchObject({
    subtype: 'forbidden',
  });

  expect(server.nodes.get('me')).toBe(await quick);
  expect(third.closedWith).toMatchObject({ code: 4409 });
  await server.close();
});
