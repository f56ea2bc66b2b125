import type { Server } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { testSwarm } from '../src/testing/index.ts';
import { ending, newSwarm, twoServers } from './testing-swarm.ts';

describe('a client whose network is cut', () => {
  it('loses what is in flight, on both sides, at once', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    server.client.on('slow', () => swarm.clock.sleep(60_000));
    const other = await swarm.client(server);
    const { client, node } = await swarm.client(server, {
      setup: (made) => made.on('slow', () => swarm.clock.sleep(60_000)),
    });
    const inFlight = [ending(client.send('slow')), ending(node.client.send('slow'))];
    await swarm.clock.advance(10);

    swarm.network.cut(client);
    const afterwards = [ending(client.send('slow')), ending(node.client.send('slow'))];

    expect(await Promise.all(inFlight)).toEqual(['closed/unknown', 'closed/unknown']);
    expect(await Promise.all(afterwards)).toEqual(['closed/no', 'closed/no']);
    expect([node.isOpen, other.client.isOpen]).toEqual([false, true]);
  });

  it('comes back within the cap of its back-off, whatever the seed', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      await using swarm = testSwarm({ seed });
      const server = await swarm.server();
      const { client } = await swarm.client(server, { backoffCapMs: 3_000 });

      swarm.network.cut(client);
      await swarm.clock.advance(20_000);
      expect(client.isOpen).toBe(false);
      swarm.network.heal(client);
      await swarm.clock.advance(3_000);

      expect(client.isOpen).toBe(true);
    }
  });

  it('may be cut by the handler that serves it', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    const { client } = await swarm.client(server);
    server.client.on('cut', () => swarm.network.cut(client));

    expect(await ending(client.send('cut'))).toBe('closed/unknown');
  });
});

describe('a client whose network is dropped', () => {
  it('is held for alive by its server for 30 s, and gives up itself by its pings', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    const { client, node } = await swarm.client(server);
    const ends: string[] = [];
    client.on('call', () => ends.push('called'));
    node.events.on('close', () => ends.push(`node at ${swarm.clock.nowMs}`));
    client.events.on('close', ({ code }) => ends.push(`client with ${code}`));

    swarm.network.drop(client);
    node.client.emit('call');
    expect(await ending(swarm.clock.until(client.with({ timeoutMs: 500 }).send('any')))).toBe(
      'timeout/unknown',
    );
    await swarm.clock.advance(29_000);
    expect(ends).toEqual([]);
    await swarm.clock.advance(20_000);

    expect(ends.toSorted()).toEqual(['client with 4408', 'node at 30000']);
  });

  it.each([0, 4_000, 8_000, 14_999])('gives up within 45 s of a drop after %d ms', async (ms) => {
    const swarm = newSwarm();
    const server = await swarm.server();
    const { client } = await swarm.client(server);
    await swarm.clock.advance(ms);

    swarm.network.drop(client);
    await swarm.clock.advance(45_000);

    expect(client.isOpen).toBe(false);
  });

  it('gets a new connection once it is healed', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    server.client.on('count', () => 1);
    const { client } = await swarm.client(server, { id: 'ada' });

    swarm.network.drop(client);
    await swarm.clock.advance(120_000);
    expect(client.isOpen).toBe(false);
    swarm.network.heal(client);
    // The attempt under way takes 10 s to fail, and the next one waits for at most 15 s.
    await swarm.clock.advance(25_000);

    expect(await client.send('count')).toBe(1);
  });
});

describe('the latency', () => {
  it('is that of one message, through a socket or a link', async () => {
    const swarm = newSwarm();
    const { here } = await twoServers(swarm);
    here.client.on('local', () => 1);
    const { client } = await swarm.client(here);
    const span = async (call: Promise<unknown>) => {
      const startMs = swarm.clock.nowMs;
      await swarm.clock.until(call);
      return swarm.clock.nowMs - startMs;
    };

    expect(await span(client.send('local'))).toBe(0);
    expect(await span(here.send('ada', 'count'))).toBe(0);
    swarm.network.latency(25);
    await swarm.clock.advance(1_000);
    expect(await span(client.send('local'))).toBe(50);
    expect(await span(here.send('ada', 'count'))).toBe(100);
  });

  it('holds for servers and clients that are made, and for their goodbyes', async () => {
    const swarm = testSwarm();
    swarm.network.latency(100);

    const server = await swarm.server();
    expect(swarm.clock.nowMs).toBeGreaterThanOrEqual(200);
    const { node } = await swarm.client(server);
    const startMs = swarm.clock.nowMs;
    const left: number[] = [];
    node.events.on('close', () => left.push(swarm.clock.nowMs - startMs));
    await swarm.close();

    expect(left.length).toBe(1);
  });

  it('does not let a later message overtake an earlier one when it falls', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    const heard: unknown[] = [];
    server.client.on('say', (_ctx, text) => void heard.push(text));
    const { client } = await swarm.client(server);

    swarm.network.latency(50);
    client.emit('say', 'first');
    swarm.network.latency(5);
    client.emit('say', 'second');
    await swarm.clock.advance(49);
    expect(heard).toEqual([]);
    await swarm.clock.advance(1);

    expect(heard).toEqual(['first', 'second']);
  });
});

describe('the network', () => {
  it('knows the servers and clients of its own swarm only', async () => {
    const [swarm, other] = [newSwarm(), newSwarm()];
    const stranger: Server = await other.server();

    for (const fault of ['cut', 'drop', 'heal'] as const) {
      expect(() => swarm.network[fault](stranger)).toThrow(TypeError);
    }
  });

  it('keeps two swarms apart', async () => {
    const [swarm, other] = [newSwarm(), newSwarm()];
    await twoServers(swarm);
    const stranger = await other.server();

    expect(await ending(stranger.send('ada', 'count'))).toBe('unreachable/no');
  });
});
