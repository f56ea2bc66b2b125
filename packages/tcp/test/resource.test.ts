import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect, refuse } from '../src/index.ts';
import { dial, listenTo, next, start, startEcho, startNet } from './fixture.ts';
import { hello, RawEnd } from './raw.ts';

const CYCLES = 50;

/** Connections and ports that keep this process alive, by kind. */
function handles(): string[] {
  const kinds = process.getActiveResourcesInfo();
  return kinds.filter((kind) => /TCP|TLS|GetAddrInfo/.test(kind)).sort();
}

/** The handles, once what has ended is gone, or what is left of them. */
async function settled(expected: readonly string[]): Promise<string[]> {
  for (let turns = 0; turns < 100 && handles().length > expected.length; turns += 1) {
    await nextTurn();
  }
  return handles();
}

describe('no handle is left', () => {
  it('over many servers, listeners and clients', async () => {
    const before = handles();

    for (let i = 0; i < CYCLES; i += 1) {
      const { server, listener, url } = await startEcho();
      const client = dial(url);
      const raw = await RawEnd.open(listener.port);
      const silent = await RawEnd.connect(listener.port);
      expect(await client.send('echo', i)).toBe(i);
      client.close();
      await listener.close();
      await server.close();
      await Promise.all([raw.closed, silent.closed]);
    }

    expect(await settled(before)).toEqual(before);
  });

  it('over many refusals', async () => {
    const { listener } = await start({ accept: () => refuse(403) });
    const before = handles();

    for (let i = 0; i < CYCLES; i += 1) {
      const raw = await RawEnd.connect(listener.port);
      raw.stream.write(hello());
      expect(await raw.status()).toBe(403);
      await raw.closed;
    }

    expect(await settled(before)).toEqual(before);
  });
});

describe('nothing piles up', () => {
  it('over many connections', async () => {
    const { net, url, streams } = await startNet();
    const { server } = await startEcho({ server: net });
    const counts = () => net.eventNames().map((name) => [name, net.listenerCount(name)]);
    const before = counts();

    for (let i = 0; i < CYCLES; i += 1) {
      const client = connect(url);
      expect(await client.send('echo', i)).toBe(i);
      const left = next(server.events, 'left');
      client.close();
      await left;
    }

    for (let turns = 0; turns < 100 && streams.size > 0; turns += 1) await nextTurn();
    expect([server.nodes.size, streams.size]).toEqual([0, 0]);
    expect(counts()).toEqual(before);
  });

  it('over many connections of clients that reset', async () => {
    const { net, port, streams } = await startNet();
    const { server } = await start({ server: net });

    for (let i = 0; i < CYCLES; i += 1) {
      const raw = await RawEnd.open(port);
      const left = next(server.events, 'left');
      raw.stream.resetAndDestroy();
      await left;
    }

    expect([server.nodes.size, streams.size]).toEqual([0, 0]);
  });

  it('over many losses of one client', async () => {
    const { net, url, streams } = await startNet();
    const { server } = await start({ server: net });
    const client = dial(url, { backoffBaseMs: 1 });
    await client.ready();

    for (let i = 0; i < CYCLES; i += 1) {
      const open = next(client.events, 'open');
      for (const stream of streams) stream.destroy();
      await open;
    }

    expect(server.nodes.size).toBe(1);
  });

  it('over many listeners of one TCP server', async () => {
    const { net, url } = await startNet();
    const { server } = await start();
    const before = net.listenerCount('connection');

    for (let i = 0; i < CYCLES; i += 1) {
      const { listener } = await listenTo(server, { server: net });
      const client = connect(url);
      await client.ready();
      client.close();
      await listener.close();
    }

    expect(net.listenerCount('connection')).toBe(before);
  });

  it('in the listeners of a stream, however it came in', async () => {
    const { net, port, streams } = await startNet();
    await start({ server: net });
    const raw = await RawEnd.open(port);
    const [stream] = streams;

    expect(stream?.listenerCount('data')).toBe(1);
    expect(stream?.listenerCount('close')).toBeLessThanOrEqual(2);
    raw.stream.destroy();
  });
});

describe('no timer is left', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('when clients and server are closed', async () => {
    // Immediates stay real: they are what a conversation needs to get going.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const { server, listener, url } = await startEcho({
      accept: async ({ url }) => (url === '/away' ? refuse(503) : {}),
    });
    const [client, away] = [connect(url), connect(`${url}/away`)];
    const silent = await RawEnd.connect(listener.port);
    const reconnecting = next(away.events, 'reconnecting');
    const answer = client.send('echo', 1);
    for (let turns = 0; turns < 1_000 && !client.isOpen; turns += 1) {
      await nextTurn();
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(await answer).toBe(1);
    await reconnecting;
    expect(vi.getTimerCount()).toBeGreaterThan(0);

    client.close();
    away.close();
    await server.close();
    await listener.close();
    await silent.closed;

    for (let turns = 0; turns < 100 && vi.getTimerCount() > 0; turns += 1) await nextTurn();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of a client that was gone before it was refused', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { server, listener } = await start({
      accept: async ({ socket }) => {
        raw.stream.resetAndDestroy();
        await new Promise((resolve) => socket.on('close', resolve));
        return refuse(401);
      },
    });
    const before = vi.getTimerCount();
    const refused = next(server.events, 'refused');
    const raw = await RawEnd.connect(listener.port);
    raw.stream.write(hello());

    expect((await refused)[0].status).toBe(401);

    expect(vi.getTimerCount()).toBe(before);
  });
});
