import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect, refuse } from '../src/index.ts';
import { dial, listenTo, next, openPlain, start, startHttp } from './fixture.ts';
import { RawClient, upgradeRequest } from './raw.ts';

const CYCLES = 50;

describe('nothing piles up', () => {
  it('over many connections', async () => {
    const { http, port } = await startHttp();
    const { server } = await start({ server: http });
    server.client.on('echo', (_ctx, value) => value);
    const url = `ws://127.0.0.1:${port}`;
    const counts = () => http.eventNames().map((name) => [name, http.listenerCount(name)]);
    const before = counts();

    for (let i = 0; i < CYCLES; i += 1) {
      const client = connect(url);
      expect(await client.send('echo', i)).toBe(i);
      const left = next(server.events, 'left');
      client.close();
      await left;
    }

    expect(server.nodes.size).toBe(0);
    expect(counts()).toEqual(before);
    expect(await connectionsOf(http)).toBe(0);
  });

  it('over many connections of clients that reset', async () => {
    const { http, port } = await startHttp();
    const { server } = await start({ server: http });

    for (let i = 0; i < CYCLES; i += 1) {
      const raw = await RawClient.open(port);
      const left = next(server.events, 'left');
      raw.socket.resetAndDestroy();
      await left;
    }

    expect(server.nodes.size).toBe(0);
    expect(await connectionsOf(http)).toBe(0);
  });

  it('over many losses of one client', async () => {
    const { http, url, streams } = await startHttp();
    const { server } = await start({ server: http });
    const client = dial(url, { backoffBaseMs: 1 });
    await client.ready();

    for (let i = 0; i < CYCLES; i += 1) {
      const open = next(client.events, 'open');
      for (const stream of streams) stream.destroy();
      await open;
    }

    expect(server.nodes.size).toBe(1);
  });

  it('over many listeners of one HTTP server', async () => {
    const { http, port } = await startHttp();
    const { server } = await start({ server: http, path: '/stays' });
    const before = http.listenerCount('upgrade');

    for (let i = 0; i < CYCLES; i += 1) {
      const { listener } = await listenTo(server, { server: http, path: '/goes' });
      const client = connect(`ws://127.0.0.1:${port}/goes`);
      await client.ready();
      client.close();
      await listener.close();
    }

    expect(http.listenerCount('upgrade')).toBe(before);
    await dial(`ws://127.0.0.1:${port}/stays`).ready();
  });
});

describe('no timer is left', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('when clients and server are closed', async () => {
    // Immediates stay real: they are what a conversation needs to get going.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const { server, listener, url } = await start({
      accept: async ({ url }) => (url === '/away' ? refuse(503) : {}),
    });
    server.client.on('echo', (_ctx, value) => value);
    const [client, away] = [connect(url), connect(`${url}/away`)];
    const reconnecting = next(away.events, 'reconnecting');
    expect(await client.send('echo', 1)).toBe(1);
    await reconnecting;
    expect(vi.getTimerCount()).toBeGreaterThan(0);

    client.close();
    away.close();
    await server.close();
    await listener.close();

    for (let turns = 0; turns < 100 && vi.getTimerCount() > 0; turns += 1) await nextTurn();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a port of its own ends', () => {
  it('who connects and says nothing, and who never ends its headers', {
    timeout: 20_000,
  }, async () => {
    const { listener, url } = await start();
    const silent = await RawClient.connect(listener.port);
    const half = await RawClient.connect(listener.port);
    half.socket.write(upgradeRequest().slice(0, -2));
    const client = dial(url);
    await client.ready();

    await Promise.all([silent.closed, half.closed]);

    expect(client.isOpen).toBe(true);
  });

  it('a client that does not answer its close frame', { timeout: 10_000 }, async () => {
    const { server, listener, url } = await start();
    const raw = await RawClient.open(listener.port);
    const other = await openPlain(url);
    const closed = once(other, 'close');

    await server.close();
    await listener.close();

    expect((await closed)[0]).toBe(1001);
    expect(await raw.closeCode()).toBe(1001);
    await raw.closed;
  });
});

/** Connections of an HTTP server, upgraded ones included, once what has ended is gone. */
async function connectionsOf(http: Awaited<ReturnType<typeof startHttp>>['http']): Promise<number> {
  const count = () => {
    return new Promise<number>((resolve) => http.getConnections((_error, open) => resolve(open)));
  };
  for (let turns = 0; turns < 100 && (await count()) > 0; turns += 1) await nextTurn();
  return count();
}
