import { proxyTo, rabbitmqctl, requireBroker } from '@swarm/conformance/brokers';
import { connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, newNamespace, open, shared, stopAfter, uncaughtDuring } from './fixture.ts';

const LOST = { name: 'SwarmError', subtype: 'closed', delivered: 'unknown' };

describe.runIf(requireBroker('rabbitmq'))('a link is lost', () => {
  it.each([0, 1])('whole, when an operator closes one of its connections (%i)', async (which) => {
    const name = newNamespace();
    const { host, link } = await open(amqp(shared.url, { connectionName: name }), new Host(name));
    const own = async () => {
      const list = await rabbitmqctl(shared, 'list_connections', 'pid', 'client_properties');
      return list.split('\n').filter((line) => line.includes(name));
    };
    const [pid = ''] = (await own())[which]?.split('\t') ?? [];

    await rabbitmqctl(shared, 'close_connection', pid, 'maintenance');
    await host.isLost();
    const error = await failure(link.subscribe([`${name}.n.1`]));
    link.publish(`${name}.n.nobody`, Buffer.from('x'), 1);
    await link.close();

    expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(host.losses).toEqual([expect.objectContaining(LOST)]);
    expect(String(host.losses[0])).toContain('CONNECTION_FORCED - maintenance');
    expect(await own()).toEqual([]);
    expect(host.verdicts).toEqual([]);
  });

  it('when its queue is deleted', async () => {
    const name = newNamespace();
    const { host } = await open(amqp(shared.url), new Host(name));
    const list = await rabbitmqctl(shared, 'list_queues', 'name');
    const queue = list.split('\n').find((line) => line.startsWith(host.inbox)) ?? '';

    await rabbitmqctl(shared, 'delete_queue', queue);
    await host.isLost();

    expect(host.losses).toEqual([expect.objectContaining(LOST)]);
    expect(String(host.losses[0])).toContain('has deleted the queue');
  });

  it('when the exchange is deleted, with the next publish', async () => {
    const name = newNamespace();
    const { host, link } = await open(amqp(shared.url), new Host(name));
    const admin = await connect(shared.url);
    stopAfter(() => admin.close());

    await (await admin.createChannel()).deleteExchange(`${name}.direct`);
    link.publish(host.inbox, Buffer.from('x'), 1);
    await host.isLost();

    expect(host.losses).toEqual([expect.objectContaining(LOST)]);
    expect(String(host.losses[0])).toContain(`NOT_FOUND - no exchange '${name}.direct'`);
    expect(host.verdicts).toEqual([]);
  });

  it('when nothing comes any more, without the core, by its heartbeats', async () => {
    const proxy = await proxyTo(shared.port);
    stopAfter(() => proxy.close());
    const [lost, closed] = [
      await open(amqp(proxy.url('amqp'))),
      await open(amqp(proxy.url('amqp'))),
    ];

    const uncaught = await uncaughtDuring(async () => {
      proxy.drop();
      closed.link.publish(closed.host.inbox, new Uint8Array(1_000), 1);
      await closed.link.close();
      await lost.host.isLost();
      await lost.link.close();
    });

    expect(uncaught).toEqual([]);
    expect(lost.host.losses).toEqual([expect.objectContaining(LOST)]);
    expect(String(lost.host.losses[0])).toContain('Heartbeat timeout');
    expect(closed.host.losses).toEqual([]);
  });
});
