import { expect, it } from 'vitest';
import { createClient, createServer, memory } from '../src/index.ts';
import { PairedSocket } from './pair.ts';

it('three kinds', async () => {
  const swarm = memory('memory:smoke');
  const a = await createServer({ swarm });
  const b = await createServer({ swarm });
  for (const server of [a, b]) {
    server.client.on('add', (_ctx, x: number, y: number) => x + y);
    server.client.on('ask', (ctx, id: string) => ctx.node.remoteClient.send(id, 'alert', 'hi'));
    server.client.on('load', (ctx, id: string) => ctx.node.send(id, 'load'));
    server.on('load', (ctx) => [ctx.sender, server.nodes.size]);
    server.remoteClient.on('alert', (ctx, text) => [`from ${ctx.sender}: ${text}`]);
  }
  const connect = async (server: typeof a, id: string) => {
    const [x, y] = PairedSocket.pair();
    const client = createClient(x);
    client.on('alert', (_ctx, text) => `${id} heard ${text}`);
    await server.createNode(y, { id });
    return client;
  };
  const one = await connect(a, 'one');
  const two = await connect(b, 'two');
  await one.ready();
  expect(await one.send('add', 1, 2)).toBe(3);
  expect(await one.send('load', 'two')).toEqual(['one', 1]);
  expect(await one.send('ask', 'two')).toBe('two heard from one: hi');
  expect(await two.send('ask', 'one')).toBe('one heard from two: hi');
  await expect(one.send('ask', 'nobody')).rejects.toMatchObject({ type: 'endpoint' });
  await expect(one.send('nope')).rejects.toMatchObject({ subtype: 'unhandled', delivered: 'no' });
  await expect(a.send('nobody', 'load')).rejects.toMatchObject({ subtype: 'unreachable' });
  await a.close();
  await b.close();
});
