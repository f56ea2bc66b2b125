import { expect, it } from 'vitest';
import { startArena } from '../src/arena.ts';
import { check } from '../src/check.ts';
import { swarmOf } from '../src/swarms.ts';

it.each(['memory:check', 'broadcast:check'])(
  'answers every kind of request rightly over %s, a third of those between nodes across servers',
  async (url) => {
    const arena = await startArena({ swarm: swarmOf(url) });

    const result = await check(arena).finally(arena.close);

    const { client, server, remoteClient, crossing, dialects, failed } = result;

    expect(failed).toBe(0);
    expect(Math.min(client, server, remoteClient)).toBeGreaterThanOrEqual(100);
    // Six things in each of two dialects.
    expect(dialects).toBe(12);
    expect(crossing * 3).toBeGreaterThanOrEqual(server + remoteClient);
  },
);
