import { randomBytes } from 'node:crypto';
import { rabbitmqctl, requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, newNamespace, open, shared } from './fixture.ts';

describe.runIf(requireBroker('rabbitmq'))('a link', () => {
  it.each([0, 1, 100, 2_000, 2_100, 131_064, 131_065, 300_000])(
    'carries a view of %i bytes, and nothing around it',
    async (length) => {
      const { host, link } = await open(amqp(shared.url));
      const whole = randomBytes(length + 20);
      const view = new Uint8Array(whole.buffer, whole.byteOffset + 7, length);
      const expected = Buffer.from(view);

      link.publish(host.inbox, view, 0);
      link.publish(host.inbox, Buffer.from('next'), 0);
      await host.hears(2);

      expect(Buffer.compare(host.heard[0]?.payload ?? randomBytes(1), expected)).toBe(0);
      expect(Buffer.from(host.heard[1]?.payload ?? [])).toEqual(Buffer.from('next'));
    },
  );

  it('publishes nothing over frameBytesMax, which is a mistake, open or closed', async () => {
    const swarm = amqp(shared.url);
    const { host, link } = await open(swarm);
    const tooMuch = new Uint8Array(swarm.capabilities.frameBytesMax + 1);

    expect(() => link.publish(host.inbox, tooMuch, 0)).toThrow(TypeError);
    link.publish(host.inbox, tooMuch.subarray(1), 0);
    await host.hears(1);
    await link.close();

    expect(host.heard[0]?.payload).toHaveLength(swarm.capabilities.frameBytesMax);
    expect(host.losses).toEqual([]);
    expect(() => link.publish(host.inbox, tooMuch, 0)).toThrow(TypeError);
  });

  it('has one queue that is exclusive, bounded and not kept, and an exchange of its namespace', async () => {
    const name = newNamespace();
    const { host, link } = await open(amqp(shared.url), new Host(name));
    await link.subscribe([`${name}.n.1`, `${name}.n.2`]);
    const linesOf = async (...args: readonly string[]) =>
      (await rabbitmqctl(shared, ...args)).split('\n').filter((line) => line.includes(name));

    const properties = ['exclusive', 'auto_delete', 'durable', 'arguments'];
    const [queues, exchanges] = await Promise.all([
      linesOf('list_queues', 'name', ...properties),
      linesOf('list_exchanges', 'name', 'type', 'auto_delete', 'durable'),
    ]);

    expect(queues).toHaveLength(1);
    const [queue, ...values] = queues[0]?.split('\t') ?? [];
    expect(queue?.startsWith(`${host.inbox}.`)).toBe(true);
    expect(values).toEqual(['true', 'true', 'false', '[{"x-max-length-bytes",67108864}]']);
    expect(exchanges).toEqual([`${name}.direct\tdirect\ttrue\tfalse`]);
  });

  it('acknowledges nothing, and has nothing to acknowledge', async () => {
    const name = newNamespace();
    const { host, link } = await open(amqp(shared.url), new Host(name));
    for (let i = 0; i < 100; i += 1) link.publish(host.inbox, Buffer.from('x'), 0);
    await host.hears(100);

    const list = await rabbitmqctl(shared, 'list_queues', 'name', 'messages', 'consumers');

    expect(
      list
        .split('\n')
        .find((line) => line.includes(name))
        ?.split('\t')
        .slice(1),
    ).toEqual([...['0', '1']]);
  });

  it('that has left everything may still publish, as whoever leaves the swarm does', async () => {
    const name = newNamespace();
    const swarm = amqp(shared.url);
    const { host, link } = await open(swarm, new Host(name));
    await link.unsubscribe([host.inbox]);

    link.publish(host.inbox, Buffer.from('x'), 1);
    await host.until(() => host.verdicts.length > 0);
    const other = await open(swarm, new Host(name));
    link.publish(other.host.inbox, Buffer.from('answer'), 0);
    await other.host.hears(1);

    expect([host.verdicts, host.losses]).toEqual([[1], []]);
  });

  it('is made although others leave the namespace, and the exchange goes, all the time', async () => {
    const name = newNamespace();
    const swarm = amqp(shared.url);
    const come = async () => {
      for (let i = 0; i < 15; i += 1) {
        const host = new Host(name);
        const link = await swarm.connect(host);
        link.publish(host.inbox, Buffer.from('x'), 1);
        await host.hears(1);
        await link.close();
        expect([host.verdicts, host.losses]).toEqual([[], []]);
      }
    };

    await Promise.all([come(), come(), come()]);
  });

  it('tells subjects apart that are too long for RabbitMQ', async () => {
    const { host, link } = await open(amqp(shared.url));
    const long = `swarm.n.${'=c3=a9'.repeat(75)}`;
    const subjects = [long, `${long}.`, `${long}a`, long.slice(0, 255), long.slice(0, 256)];

    await link.subscribe(subjects.slice(0, -1));
    for (const [i, subject] of subjects.entries()) link.publish(subject, Buffer.of(i), i + 1);
    await host.until(() => host.heard.length === 4 && host.verdicts.length === 1);
    await link.unsubscribe([long]);
    link.publish(long, Buffer.from('x'), 9);
    await host.until(() => host.verdicts.length === 2);

    expect(host.heard.map(({ subject }) => subject)).toEqual(subjects.slice(0, -1));
    expect(host.verdicts).toEqual([5, 9]);
  });

  it('has calls to subscribe and to leave act in their order', async () => {
    const { host, link } = await open(amqp(shared.url));
    const subjects = Array.from({ length: 300 }, (_, i) => `swarm.n.${i}`);

    await Promise.all([
      link.subscribe(subjects),
      link.unsubscribe(subjects.slice(100)),
      link.subscribe(subjects.slice(200)),
    ]);
    for (const [i, subject] of subjects.entries()) link.publish(subject, Buffer.of(1), i + 1);
    await host.until(() => host.heard.length + host.verdicts.length === 300);

    expect(host.verdicts).toEqual(Array.from({ length: 100 }, (_, i) => 101 + i));
  });

  it('does not reach another virtual host', async () => {
    const name = newNamespace();
    await rabbitmqctl(shared, 'add_vhost', `${name}/2`);
    await rabbitmqctl(shared, 'set_permissions', '--vhost', `${name}/2`, 'guest', '', '', '.*');
    const refused = failure(amqp(`${shared.url}/${name}%2F2`).connect(new Host(name)));
    expect(await refused).toMatchObject({ subtype: 'forbidden' });
    await rabbitmqctl(shared, 'set_permissions', '--vhost', `${name}/2`, 'guest', '.*', '.*', '.*');

    const here = await open(amqp(shared.url), new Host(name));
    const there = await open(amqp(`${shared.url}/${name}%2F2`), new Host(name));
    there.link.publish(here.host.inbox, Buffer.from('x'), 1);
    there.link.publish(there.host.inbox, Buffer.from('x'), 2);
    await there.host.until(() => there.host.heard.length + there.host.verdicts.length === 2);

    expect(there.host.verdicts).toEqual([1]);
  });
});
