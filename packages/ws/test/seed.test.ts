import { createServer } from '@swarm/core';
import seed from 'amqp-swarm/client.js';
import { expect, it } from 'vitest';
import { listen } from '../src/index.ts';

it('smoke', async () => {
  const server = await createServer();
  const { port } = await listen(server, { port: 0, host: '127.0.0.1' });
  server.client.on('hello there', (_ctx, who) => `general ${who}`);
  const client = seed(`ws://127.0.0.1:${port}`);
  client.on('ping me', (_ctx: unknown, x: number) => x + 1);
  expect(await client.send('hello there', 'reposti')).toBe('general reposti');
  const [node] = server.nodes.values();
  expect(await node?.client.send('ping me', 41)).toBe(42);
  client.close();
  await server.close();
});
