import { type Broker, rabbitmqctl, requireBroker, startBroker } from '@swarm/conformance/brokers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, open, uncaughtDuring } from './fixture.ts';

const LOST = { name: 'SwarmError', subtype: 'closed', delivered: 'unknown' };

/** Nobody else's, for what is done to it concerns all who use it. */
describe.runIf(requireBroker('rabbitmq'))('with a RabbitMQ in trouble, a link', () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await startBroker('rabbitmq', { config: ['max_message_size = 600000'] });
  });
  afterAll(() => broker.stop());

  const setMemory = (share: number) =>
    rabbitmqctl(broker, 'set_vm_memory_high_watermark', `${share}`);

  it('feels pressure while memory is short, and subscribes and hears all the same', async () => {
    const swarm = amqp(broker.url);
    const { host, link } = await open(swarm);
    const { host: other, link: publisher } = await open(swarm);
    await setMemory(0.000001);
    try {
      publisher.publish(host.inbox, Buffer.from('late'), 0);
      await other.until(() => other.pressures.length > 0);

      await publisher.subscribe(['swarm.n.1']);
      const error = await failure(swarm.connect(new Host()));
      expect(error.message).toBe(`${broker.url}: RabbitMQ takes no messages: low on memory`);
      expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
      expect([other.pressures, other.losses]).toEqual([[true], []]);
    } finally {
      await setMemory(0.4);
    }
    await other.until(() => other.pressures.length === 2);
    await host.hears(1);
    link.publish('swarm.n.1', Buffer.from('found'), 1);
    await other.hears(1);

    expect(host.texts).toEqual([`${host.inbox}: late`]);
    expect([other.pressures, other.losses, host.losses]).toEqual([[true, false], [], []]);
    expect(host.pressures).toEqual([]);
  });

  it('closes although RabbitMQ takes nothing', async () => {
    const { host, link } = await open(amqp(broker.url));
    await setMemory(0.000001);
    try {
      link.publish(host.inbox, Buffer.from('x'), 0);
      await host.until(() => host.pressures.length > 0);
      await link.close();
    } finally {
      await setMemory(0.4);
    }

    expect([host.pressures, host.losses]).toEqual([[true], []]);
  });

  it('is lost when RabbitMQ takes less than a frame', async () => {
    const { host, link } = await open(amqp(broker.url));

    link.publish(host.inbox, new Uint8Array(600_001), 1);
    await host.isLost();

    expect(host.losses).toEqual([expect.objectContaining(LOST)]);
    expect(String(host.losses[0])).toMatch(/PRECONDITION_FAILED - message size 600001/);
  });

  it('is lost once, with everything on it, when RabbitMQ is killed amid traffic', async () => {
    const swarm = amqp(broker.url);
    const links = await Promise.all([open(swarm), open(swarm)]);
    const settled: Promise<unknown>[] = [];
    const publish = () => {
      for (const { host, link } of links) {
        for (let token = 1; token <= 50; token += 1)
          link.publish(host.inbox, Buffer.alloc(500), token);
        settled.push(link.subscribe([`swarm.n.${settled.length}`]).catch(() => 'rejected'));
      }
    };
    // Whatever is heard is answered with more, up to the end and beyond.
    for (const { host } of links) host.onHeard = () => host.heard.length % 50 === 0 && publish();

    const uncaught = await uncaughtDuring(async () => {
      publish();
      await Promise.all(links.map(({ host }) => host.hears(100)));
      await broker.kill();
      await Promise.all(links.map(({ host }) => host.isLost()));
      publish();
      await Promise.all(settled);
      for (const { link } of links) await link.close();
    });

    expect(uncaught).toEqual([]);
    expect(await settled.at(-1)).toBe('rejected');
    for (const { host } of links) expect(host.losses).toEqual([expect.objectContaining(LOST)]);
  });
});
