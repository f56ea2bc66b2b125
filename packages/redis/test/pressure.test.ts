import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { redis } from '../src/index.ts';
import { open, startRedis, stopAfter } from './fixture.ts';

const FRAME = new Uint8Array(100_000);

describe.runIf(requireBroker('redis'))('pressure', () => {
  it('is on while a Redis that hangs takes nothing, and off when all has left', async () => {
    const broker = await startRedis();
    const { host, link } = await open(redis(broker.url));
    const { host: other } = await open(redis(broker.url));
    await broker.pause();
    stopAfter(() => broker.resume());

    let published = 0;
    // What kernels buffer comes on top of our own bytes, and differs.
    for (; host.pressures.length === 0 && published < 1_000; published += 1) {
      link.publish(other.inbox, FRAME.slice(), 0);
      await Promise.resolve();
    }
    expect(host.pressures).toEqual([true]);
    link.publish(other.inbox, FRAME.slice(), 0);
    await broker.resume();
    await host.until(() => host.pressures.length === 2);
    await other.hears(published + 1);

    expect(host.pressures).toEqual([true, false]);
    expect(published).toBeGreaterThan(40);
  });

  it('is not there for what stays below it, in one turn or many', async () => {
    const { url } = await startRedis();
    const { host, link } = await open(redis(url));

    for (let i = 0; i < 10_000; i += 1) link.publish(host.inbox, Buffer.alloc(100), 0);
    await host.hears(10_000);

    expect(host.pressures).toEqual([]);
  });

  it('is not reported any more once the link is closed or lost', async () => {
    const broker = await startRedis();
    const [closed, lost] = [await open(redis(broker.url)), await open(redis(broker.url))];
    await broker.pause();
    stopAfter(() => broker.kill());
    for (const { host, link } of [closed, lost]) {
      for (let i = 0; host.pressures.length === 0 && i < 1_000; i += 1) {
        link.publish(host.inbox, FRAME.slice(), 0);
      }
    }

    const closing = closed.link.close();
    await broker.kill();
    await Promise.all([closing, lost.host.isLost()]);
    await lost.link.close();

    expect([closed.host.pressures, lost.host.pressures]).toEqual([[true], [true]]);
  });
});
