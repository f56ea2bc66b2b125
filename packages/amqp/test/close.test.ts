import { proxyTo, rabbitmqctl, requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it, vi } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, newNamespace, open, shared, stopAfter } from './fixture.ts';

const BYTES = new Uint8Array(500_000);

describe.runIf(requireBroker('rabbitmq'))('a close', () => {
  it('lets go what was published before it', async () => {
    const swarm = amqp(shared.url);
    const [{ host }, { link }] = await Promise.all([open(swarm), open(swarm)]);

    for (let i = 0; i < 2_000; i += 1) link.publish(host.inbox, Buffer.from(`${i}`), 0);
    for (let i = 0; i < 4; i += 1) link.publish(host.inbox, BYTES, 0);
    await link.close();
    await host.hears(2_004);

    const texts = host.heard.slice(0, 2_000).map(({ payload }) => Number(Buffer.from(payload)));
    expect(texts.every((text, i) => text === i)).toBe(true);
    expect(host.heard.slice(2_000).every(({ payload }) => payload.length === 500_000)).toBe(true);
  });

  it('waits for what the network does not take at once', async () => {
    const proxy = await proxyTo(shared.port);
    stopAfter(() => proxy.close());
    const { host } = await open(amqp(shared.url));
    const { link } = await open(amqp(proxy.url('amqp')));
    proxy.dropToBroker();

    for (let i = 0; i < 10; i += 1) link.publish(host.inbox, BYTES, 0);
    const closed = link.close();
    await proxy.pass();
    await closed;
    await host.hears(10);
  });

  it('ends deliveries and verdicts at once, even amid those of one chunk', async () => {
    const swarm = amqp(shared.url);
    const [{ host, link }, { link: other }] = await Promise.all([open(swarm), open(swarm)]);
    let closed: Promise<void> | undefined;
    host.onHeard = () => {
      closed ??= link.close();
    };

    for (let token = 1; token <= 100; token += 1) {
      other.publish(host.inbox, Buffer.from('x'), 0);
      link.publish('swarm.n.nobody', Buffer.from('x'), token);
    }
    await host.hears(1);
    const { length } = host.verdicts;
    await closed;

    expect(host.heard).toHaveLength(1);
    expect(host.verdicts).toHaveLength(length);
    expect(host.losses).toEqual([]);
  });

  it('ends in time though RabbitMQ stands still, with bytes that cannot leave', async () => {
    const proxy = await proxyTo(shared.port);
    stopAfter(() => proxy.close());
    // Heartbeats, too, which would end it later.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    stopAfter(() => vi.useRealTimers());
    const { host, link } = await open(amqp(proxy.url('amqp')));
    proxy.drop();

    for (let i = 0; i < 20; i += 1) link.publish(host.inbox, BYTES, 0);
    const subscribing = failure(link.subscribe(['swarm.n.1']));
    const closings = [link.close(), link.close()];
    vi.advanceTimersByTime(1_000);
    await Promise.all([...closings, link.close()]);

    expect(await subscribing).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect([host.losses, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('rejects what is subscribed after it, or still being subscribed', async () => {
    const { link } = await open(amqp(shared.url));
    const subscribing = Promise.allSettled([link.subscribe(['swarm.n.1'])]);
    await link.close();

    const [{ status }] = await subscribing;
    const late = [failure(link.subscribe(['swarm.n.2'])), failure(link.unsubscribe(['swarm.n.2']))];

    expect(['fulfilled', 'rejected']).toContain(status);
    for (const error of await Promise.all(late)) {
      expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
    }
  });

  it('leaves nothing on RabbitMQ but what others use', async () => {
    const name = newNamespace();
    const swarm = amqp(shared.url);
    const [first, last] = [await open(swarm, new Host(name)), await open(swarm, new Host(name))];
    const left = async () => {
      const lists = ['list_exchanges', 'list_queues', 'list_bindings'].map((list) =>
        rabbitmqctl(shared, list),
      );
      const lines = (await Promise.all(lists)).join('\n').split('\n');
      return lines.filter((line) => line.includes(name));
    };
    const before = await left();

    await first.link.close();
    last.link.publish(last.host.inbox, Buffer.from('x'), 0);
    await last.host.hears(1);
    const between = await left();
    await last.link.close();

    // The exchange; of each a queue, with bindings to the default exchange, its anchor, its inbox.
    expect(before).toHaveLength(9);
    expect(between).toHaveLength(5);
    expect(await left()).toEqual([]);
    expect(last.host.losses).toEqual([]);
  });
});
