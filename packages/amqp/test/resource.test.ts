import { rabbitmqctl, requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, newNamespace, open, shared } from './fixture.ts';
import { startFrameProxy } from './frame-proxy.ts';

const CYCLES = 50;

describe.runIf(requireBroker('rabbitmq'))('nothing piles up', () => {
  it('over many links that are opened and closed', async () => {
    const name = newNamespace();
    const swarm = amqp(shared.url, { connectionName: name });
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) {
      const host = new Host(name);
      const link = await swarm.connect(host);
      await link.subscribe([`${name}.n.1`]);
      link.publish(`${name}.n.1`, Buffer.from('x'), 0);
      await host.hears(1);
      await link.close();
    }

    await expectNoMoreThan(before);
    expect(await rabbitmqctl(shared, 'list_connections', 'client_properties')).not.toContain(name);
    expect(await rabbitmqctl(shared, 'list_queues', 'name')).not.toContain(name);
  });

  it('over many links that are lost', async () => {
    const proxy = await startFrameProxy(() => 'pass');
    const swarm = amqp(proxy.url);
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) {
      const { host, link } = await open(swarm);
      proxy.clients[2 * i + (i % 2)]?.resetAndDestroy();
      await host.isLost();
      await link.close();
    }
    await proxy.isLeft();

    await expectNoMoreThan(before);
  });

  it('over many that cannot be opened', async () => {
    const proxy = await startFrameProxy(({ number }) => (number === 4 ? 'end' : 'pass'));
    const before = left();

    for (let i = 0; i < CYCLES; i += 1) await failure(amqp(proxy.url).connect(new Host()));
    for (let i = 0; i < CYCLES; i += 1)
      await failure(amqp('amqp://127.0.0.1:1').connect(new Host()));
    await proxy.isLeft();

    await expectNoMoreThan(before);
  });
});

async function expectNoMoreThan(before: ReturnType<typeof left>): Promise<void> {
  // What has ended goes a moment later, and so do the ends of the proxy, in this process too.
  await expect.poll(() => left().sockets).toBeLessThanOrEqual(before.sockets);
  const now = left();
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
