import { describe, expect, it } from 'vitest';
import { createClient, createServer, platformRuntime } from '../src/index.ts';
import { PairedSocket } from './pair.ts';

const { nowMs, randomBytes, setTimer, microtask } = platformRuntime;

describe('the platform’s runtime', () => {
  it('has a clock that does not go back', () => {
    const beforeMs = nowMs();

    expect(nowMs()).toBeGreaterThanOrEqual(beforeMs);
  });

  it('has chance of any length', () => {
    expect(randomBytes(16)).toHaveLength(16);
    expect(randomBytes(5_000)).toHaveLength(5_000);
    // Far more than are drawn at once, so that none of them would come twice.
    const drawn = Array.from({ length: 2_000 }, () => randomBytes(16).join());
    expect(new Set(drawn).size).toBe(2_000);
  });

  it('runs microtasks before timers, and timers of 0 ms before others', async () => {
    const log: string[] = [];

    await new Promise<void>((resolve) => {
      setTimer(() => {
        log.push('timer');
        resolve();
      }, 5);
      setTimer(() => log.push('at once'), 0);
      microtask(() => log.push('microtask'));
      log.push('now');
    });

    expect(log).toEqual(['now', 'microtask', 'at once', 'timer']);
  });

  it('runs no timer that was cancelled', async () => {
    const log: string[] = [];
    const cancels = [setTimer(() => log.push('0'), 0), setTimer(() => log.push('1'), 1)];

    for (const cancel of cancels) cancel();
    await new Promise<void>((resolve) => void setTimer(resolve, 5));

    expect(log).toEqual([]);
  });
});

describe('client and server', () => {
  it('work on it, too', async () => {
    const server = await createServer();
    server.client.on('add', (_ctx, x: number, y: number) => x + y);
    server.client.on('load', (ctx, id: string) => ctx.node.send(id, 'load'));
    server.on('load', (ctx) => ctx.sender);
    const [near, far] = PairedSocket.pair();
    const client = createClient(near);
    await server.createNode(far, { id: 'me' });

    expect(await client.send('add', 1, 2)).toBe(3);
    expect(await client.send('load', 'me')).toBe('me');
    expect(client.isOpen).toBe(true);

    await server.close();
    await expect(client.send('add', 1, 2)).rejects.toMatchObject({ subtype: 'closed' });
  });
});
