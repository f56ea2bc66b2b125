import { platformRuntime } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { refuse } from '../src/index.ts';
import { dial, freePort, next, record, type Started, start, startScripted } from './fixture.ts';

async function startEcho(): Promise<Started> {
  const started = await start();
  started.server.client.on('echo', (_ctx, value) => value);
  return started;
}

describe('whether to come back', () => {
  it('`reconnect: false` never does', async () => {
    const { server, url } = await startEcho();
    const client = dial(url, { reconnect: false });
    const names = record(client);
    await client.ready();
    const failed = next(client.events, 'failed');

    await server.close();

    expect((await failed)[0]).toMatchObject({ subtype: 'closed' });
    expect(names).toEqual(['open', 'close', 'failed']);
  });

  it('a function decides by the code', async () => {
    const codes = [4001, 4000];
    const asked: number[] = [];
    const url = await startScripted((ws) => ws.close(codes.shift()));
    const client = dial(url, {
      reconnect: (code) => {
        asked.push(code);
        return code !== 4000;
      },
    });
    const names = record(client);

    await next(client.events, 'failed');

    expect(asked).toEqual([4001, 4000]);
    expect(names).toEqual(['open', 'close', 'reconnecting', 'open', 'close', 'failed']);
  });

  it.each([1000, 1002, 1003, 1007, 1008, 1010, 4000, 4401, 4403, 4409, 4999])(
    'by default we stay away after %i: another attempt would end the same way',
    async (code) => {
      const url = await startScripted((ws) => ws.close(code));
      const client = dial(url);
      const names = record(client);

      await next(client.events, 'failed');

      expect(names).toEqual(['open', 'close', 'failed']);
    },
  );

  it.each([1001, 1006, 1009, 1011, 1012, 1013, 1014, 3000, 4408])(
    'by default we come back after %i',
    async (code) => {
      let connections = 0;
      const url = await startScripted((ws) => {
        connections += 1;
        if (connections > 1) return;
        if (code === 1006) ws.terminate();
        else ws.close(code);
      });
      const client = dial(url);
      const names = record(client);
      await next(client.events, 'open');
      await next(client.events, 'open');

      expect(names).toEqual(['open', 'close', 'reconnecting', 'open']);
    },
  );

  it('a function may insist where we would give up', async () => {
    let asked = 0;
    const { server, url } = await start({
      accept: () => {
        asked += 1;
        return asked < 3 ? refuse(401) : undefined;
      },
    });
    server.client.on('echo', (_ctx, value) => value);

    expect(await dial(url, { reconnect: () => true, backoffBaseMs: 1 }).send('echo', 1)).toBe(1);
  });

  it('a node that is closed has sent its client away for good', async () => {
    const { server, url } = await startEcho();
    const client = dial(url);
    const names = record(client);
    await client.ready();
    const [closed, failed] = [next(client.events, 'close'), next(client.events, 'failed')];

    for (const node of server.nodes.values()) node.close();

    expect((await closed)[0].code).toBe(1000);
    expect((await failed)[0]).toMatchObject({ subtype: 'closed' });
    expect(names).toEqual(['open', 'close', 'failed']);
    expect(server.nodes.size).toBe(0);
  });

  it('a client whose id is used again has lost it, and does not take it back', async () => {
    const { server, url } = await start({ accept: () => ({ id: 'ann' }) });
    server.client.on('echo', (_ctx, value) => value);
    const first = dial(url);
    const names = record(first);
    await first.ready();
    const [closed, failed] = [next(first.events, 'close'), next(first.events, 'failed')];

    const second = dial(url);
    expect(await second.send('echo', 1)).toBe(1);

    expect((await closed)[0].code).toBe(4409);
    expect((await failed)[0]).toMatchObject({ subtype: 'forbidden' });
    expect(names).toEqual(['open', 'close', 'failed']);
    expect(server.nodes.size).toBe(1);
    expect(await second.send('echo', 2)).toBe(2);
  });
});

describe('the delay before coming back', () => {
  /** The delays of so many attempts at a port where nobody listens. */
  async function delays(count: number, randomByte: number): Promise<number[]> {
    const client = dial(`ws://127.0.0.1:${await freePort()}`, {
      backoffBaseMs: 2,
      backoffCapMs: 10,
      runtime: {
        ...platformRuntime,
        randomBytes: (length) => new Uint8Array(length).fill(randomByte),
      },
    });
    const seen: number[] = [];
    while (seen.length < count) {
      const [{ attempt, delayMs }] = await next(client.events, 'reconnecting');
      expect(attempt).toBe(seen.length + 1);
      seen.push(delayMs);
    }
    return seen;
  }

  it('is at most base * 2^attempt, and at most the cap', async () => {
    expect(await delays(6, 255)).toEqual([2, 4, 8, 10, 10, 10]);
  });

  it('may be nothing at all', async () => {
    expect(await delays(6, 0)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('is random in between', async () => {
    const client = dial(`ws://127.0.0.1:${await freePort()}`, {
      backoffBaseMs: 64,
      backoffCapMs: 8,
    });
    const seen: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      seen.push((await next(client.events, 'reconnecting'))[0].delayMs);
    }

    expect(seen.every((delayMs) => delayMs >= 0 && delayMs <= 8)).toBe(true);
    expect(new Set(seen).size).toBeGreaterThan(1);
  });
});
