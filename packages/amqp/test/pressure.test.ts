import { proxyTo, requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { Pressure } from '../src/pressure.ts';
import { open, shared, stopAfter } from './fixture.ts';

const FRAME = new Uint8Array(100_000);

describe.runIf(requireBroker('rabbitmq'))('pressure', () => {
  it('is on while RabbitMQ takes nothing, and off when it has taken all', async () => {
    const proxy = await proxyTo(shared.port);
    stopAfter(() => proxy.close());
    const { host, link } = await open(amqp(proxy.url('amqp')));
    const { host: other } = await open(amqp(shared.url));
    proxy.dropToBroker();

    let published = 0;
    for (; host.pressures.length === 0 && published < 1_000; published += 1) {
      link.publish(other.inbox, FRAME, 0);
      await Promise.resolve();
    }
    expect(host.pressures).toEqual([true]);
    link.publish(other.inbox, FRAME, 0);
    await proxy.pass();
    await host.until(() => host.pressures.length === 2);
    await other.hears(published + 1);

    expect(host.pressures).toEqual([true, false]);
    // Over 4 MiB.
    expect(published).toBe(42);
  });

  it('is not there for what stays below it, in one turn or many', async () => {
    const { host, link } = await open(amqp(shared.url));

    for (let i = 0; i < 10_000; i += 1) link.publish(host.inbox, Buffer.alloc(300), 0);
    await host.hears(10_000);
    for (let i = 0; i < 50; i += 1) {
      link.publish(host.inbox, FRAME, 0);
      await host.hears(10_001 + i);
    }

    expect(host.pressures).toEqual([]);
  });

  it('is not reported any more once the link is closed or lost', async () => {
    const proxy = await proxyTo(shared.port);
    stopAfter(() => proxy.close());
    const swarm = amqp(proxy.url('amqp'));
    const [closed, lost] = [await open(swarm), await open(swarm)];
    proxy.dropToBroker();
    for (const { host, link } of [closed, lost]) {
      for (let i = 0; i < 50; i += 1) link.publish(host.inbox, FRAME, 0);
    }

    const closing = closed.link.close();
    proxy.cut();
    await Promise.all([closing, lost.host.isLost()]);
    await lost.link.close();

    expect([closed.host.pressures, lost.host.pressures]).toEqual([[true], [true]]);
  });
});

describe('the pressure of a link', () => {
  const MEBIBYTE = 1_048_576;

  function pressed() {
    const told: boolean[] = [];
    const confirm: (() => void)[] = [];
    const confirmed = () => new Promise<void>((resolve) => confirm.push(resolve));
    const pressure = new Pressure(confirmed, (on) => told.push(on));
    return { pressure, told, confirm };
  }

  it('lasts until what was published meanwhile is confirmed, too', async () => {
    const { pressure, told, confirm } = pressed();

    for (let i = 0; i < 5; i += 1) pressure.published(MEBIBYTE);
    expect([told, confirm.length]).toEqual([[true], 1]);
    for (let i = 0; i < 5; i += 1) pressure.published(MEBIBYTE);
    confirm[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, confirm.length]).toEqual([[true], 2]);
    confirm[1]?.();
    await new Promise((resolve) => setImmediate(resolve));

    expect(told).toEqual([true, false]);
  });

  it('lasts as long as one of its reasons', async () => {
    const { pressure, told, confirm } = pressed();

    pressure.blocked(true);
    for (let i = 0; i < 5; i += 1) pressure.published(MEBIBYTE);
    pressure.blocked(false);
    expect(told).toEqual([true]);
    pressure.blocked(true);
    for (let i = 0; i < 2; i += 1) {
      confirm[i]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([told, confirm.length]).toEqual([[true], 2]);
    pressure.blocked(false);

    expect(told).toEqual([true, false]);
  });
});
