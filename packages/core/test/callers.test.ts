import { expect, it } from 'vitest';
import { LIMITS } from '../src/index.ts';
import { meet, serve } from './ends.ts';

it('cachedNamesMax: keeps so many names of a call tree as functions, and makes the rest anew', async () => {
  const server = await serve();
  server.client.on('>', (ctx) => ctx.name);
  const { client } = await meet(server);
  const { call } = client;

  for (let i = 0; i < LIMITS.cachedNamesMax; i += 1) expect(call[`n${i}`]).toBe(call[`n${i}`]);

  expect(call['more']).not.toBe(call['more']);
  expect(await call['more']?.()).toBe('more');
  expect(await call['n0']?.()).toBe('n0');
});
