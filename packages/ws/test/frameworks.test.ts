import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../src/index.ts';
import { start as startExpress } from './examples/express.ts';
import { start as startFastify } from './examples/fastify.ts';
import { start as startHono } from './examples/hono.ts';

const FRAMEWORKS = [
  { name: 'express', start: startExpress },
  { name: 'fastify', start: startFastify },
  { name: 'hono', start: startHono },
];

it.each(FRAMEWORKS)('shares a port with $name, and leaves it when it closes', async ({ start }) => {
  const { port, close } = await start();
  const client = connect(`ws://127.0.0.1:${port}/swarm`);
  onTestFinished(() => client.close());
  const events: string[] = [];
  client.events.on('close', ({ code }) => events.push(`closed with ${code}`));
  const leaving = new Promise<void>((resolve) => client.events.on('close', () => resolve()));

  expect(await client.send('add', 1, 2)).toBe(3);
  const online = await fetch(`http://127.0.0.1:${port}/online`);
  expect([online.status, await online.json()]).toEqual([200, { clients: 1 }]);
  const missing = await fetch(`http://127.0.0.1:${port}/swarm`);
  expect(missing.status).toBe(404);
  await missing.text();

  await close();
  await leaving;
  expect(events).toEqual(['closed with 1001']);
  client.close();
  await expect(fetch(`http://127.0.0.1:${port}/online`)).rejects.toThrow();
});

it.each(FRAMEWORKS)('lets nobody in by another path of $name', async ({ start }) => {
  const { port, close } = await start();
  const stray = connect(`ws://127.0.0.1:${port}/`, { reconnect: false });
  onTestFinished(() => stray.close());

  await expect(stray.ready()).rejects.toMatchObject({
    subtype: 'closed',
    message: 'refused with 404',
  });

  await close();
});

it.each(FRAMEWORKS)('is what docs/$name.md shows', ({ name }) => {
  const example = readFileSync(new URL(`examples/${name}.ts`, import.meta.url), 'utf8');
  const document = readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');

  expect(document).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});
