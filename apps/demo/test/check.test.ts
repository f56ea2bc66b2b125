import { expect, it } from 'vitest';
import { check } from '../src/check.ts';

it('answers every kind of request rightly, a third of those between nodes across servers', async () => {
  const { client, server, remoteClient, crossing, dialects, failed } = await check();

  expect(failed).toBe(0);
  expect(Math.min(client, server, remoteClient)).toBeGreaterThanOrEqual(100);
  // Six things in each of two dialects.
  expect(dialects).toBe(12);
  expect(crossing * 3).toBeGreaterThanOrEqual(server + remoteClient);
});
