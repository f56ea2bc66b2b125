import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { redis } from '../src/index.ts';
import { node, startFake } from './fake-redis.ts';
import { admin, failure, Host, open, startRedis } from './fixture.ts';

const CYCLES = 100;

describe.runIf(requireBroker('redis'))('nothing piles up', () => {
  it('over many links that are opened and closed', async () => {
    const broker = await startRedis();
    const swarm = redis(broker.url);
    const watch = admin(broker);
    await watch.ping();
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) {
      const host = new Host();
      const link = await swarm.connect(host);
      await link.subscribe(['swarm.n.1']);
      link.publish('swarm.n.1', Buffer.from('x'), 0);
      await host.hears(1);
      await link.close();
    }

    expectNoMoreThan(before);
    expect(await watch.info('clients')).toContain('connected_clients:1\r\n');
    expect(await watch.pubsub('CHANNELS')).toEqual([]);
  });

  it('over many links that are lost', async () => {
    const broker = await startRedis();
    const swarm = redis(broker.url);
    const watch = admin(broker);
    await watch.ping();
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) {
      const { host, link } = await open(swarm);
      await watch.call('CLIENT', 'KILL', 'TYPE', i % 2 === 0 ? 'pubsub' : 'normal');
      await host.isLost();
      await link.close();
    }

    expectNoMoreThan(before);
  });

  it('over many links of a Cluster, closed or lost, with some at the wrong node', async () => {
    const id = 'a'.repeat(40);
    const primary = await startFake(node(id, () => ({ id, host: '127.0.0.1' })));
    const owner = { id, host: '127.0.0.1', port: primary.port };
    const other = await startFake(node('b'.repeat(40), () => owner));
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) {
      const { host, link } = await open(redis(other.url));
      if (i % 2 === 0) {
        for (const socket of primary.sockets) socket.destroy();
        await host.isLost();
      }
      await link.close();
    }

    while (left().sockets > before.sockets) await new Promise((resolve) => setImmediate(resolve));
    expectNoMoreThan(before);
  });

  it('over many that cannot be opened', async () => {
    const { url } = await startFake({ SUBSCRIBE: (socket) => socket.destroy() });
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) await failure(redis(url).connect(new Host()));
    for (let i = 0; i < CYCLES; i += 1)
      await failure(redis('redis://127.0.0.1:1').connect(new Host()));

    // What has ended goes a moment later, and so do the other ends, in this process too.
    while (left().sockets > before.sockets) await new Promise((resolve) => setImmediate(resolve));
    expectNoMoreThan(before);
  });
});

function expectNoMoreThan(before: ReturnType<typeof left>): void {
  const now = left();
  expect(now.sockets).toBeLessThanOrEqual(before.sockets);
  expect(now.timers).toBeLessThanOrEqual(before.timers);
  expect(now.listeners).toBeLessThanOrEqual(before.listeners);
}

/** What would keep a process from ending, and who listens to it. */
function left(): Readonly<Record<'sockets' | 'timers' | 'listeners', number>> {
  const resources = process.getActiveResourcesInfo();
  const count = (name: string) => resources.filter((resource) => resource === name).length;
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  return {
    sockets: count('TCPSocketWrap'),
    timers: count('Timeout'),
    listeners: listeners.reduce((sum, listening) => sum + listening, 0),
  };
}
