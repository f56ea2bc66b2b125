import { randomBytes } from 'node:crypto';
import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it, vi } from 'vitest';
import { redis } from '../src/index.ts';
import { admin, failure, Host, open, startRedis, stopAfter } from './fixture.ts';

describe.runIf(requireBroker('redis'))('a link', () => {
  it.each([0, 1, 100, 4_096, 4_097, 100_000])(
    'carries a view of %i bytes, and nothing around it',
    async (length) => {
      const { url } = await startRedis();
      const { host, link } = await open(redis(url));
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

  it('writes what one turn publishes at once, and without a timer', async () => {
    const broker = await startRedis();
    const { host, link } = await open(redis(broker.url));
    const watch = admin(broker);
    const reads = async () => {
      return Number(/total_reads_processed:(\d+)/.exec(await watch.info('stats'))?.[1]);
    };
    const before = await reads();
    vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'setInterval'] });
    stopAfter(() => vi.useRealTimers());

    for (let i = 0; i < 1_000; i += 1) link.publish(host.inbox, Buffer.from(`${i}`), 0);
    await host.hears(1_000);
    link.publish(host.inbox, Buffer.from('alone'), 0);
    await host.hears(1_001);

    vi.useRealTimers();
    expect((await reads()) - before).toBeLessThan(100);
  });

  it('subscribes 10,001 channels in commands of 1,000, none of them a pattern', async () => {
    const broker = await startRedis();
    const { link } = await open(redis(broker.url));
    const { host: other, link: publisher } = await open(redis(broker.url));
    const watch = admin(broker);
    const subjects = Array.from({ length: 10_001 }, (_, i) => `swarm.n.${i}`);
    await watch.config('RESETSTAT');

    await link.subscribe(subjects);
    expect(await watch.pubsub('CHANNELS', 'swarm.n.*')).toHaveLength(10_001);
    expect(await callsOf(watch, 'subscribe')).toBe(11);

    await link.unsubscribe(subjects.slice(0, 5_500));
    expect(await watch.pubsub('CHANNELS', 'swarm.n.*')).toHaveLength(4_501);
    expect(await callsOf(watch, 'unsubscribe')).toBe(6);

    expect(await callsOf(watch, 'psubscribe')).toBe(0);
    for (const i of [0, 5_499, 5_500, 10_000])
      publisher.publish(`swarm.n.${i}`, Buffer.from('x'), i + 1);
    await other.until(() => other.verdicts.length === 2);
    expect(other.verdicts).toEqual([1, 5_500]);
  });

  it('asks Redis for nothing when there is nothing to subscribe or to leave', async () => {
    const broker = await startRedis();
    const { link } = await open(redis(broker.url));
    const watch = admin(broker);
    await watch.config('RESETSTAT');

    await link.subscribe([]);
    await link.unsubscribe([]);

    expect(await callsOf(watch, 'subscribe')).toBe(0);
    expect(await callsOf(watch, 'unsubscribe')).toBe(0);
  });

  it('publishes nothing over frameBytesMax, which is a mistake, open or closed', async () => {
    const swarm = redis((await startRedis()).url);
    const { host, link } = await open(swarm);
    const tooMuch = new Uint8Array(swarm.capabilities.frameBytesMax + 1);

    expect(() => link.publish(host.inbox, tooMuch, 0)).toThrow(TypeError);
    link.publish(host.inbox, tooMuch.subarray(1), 0);
    await host.hears(1);

    expect(host.heard[0]?.payload).toHaveLength(swarm.capabilities.frameBytesMax);
    expect(host.losses).toEqual([]);
  });

  it('is not connected for a host that wants to publish more than it carries', async () => {
    const swarm = redis('redis://127.0.0.1:1');
    const { frameBytesMax } = swarm.capabilities;

    const error = await failure(swarm.connect(new Host({ frameBytesMax: frameBytesMax + 1 })));

    expect(error.message).toBe(`redis://127.0.0.1:1: carries ${frameBytesMax} bytes`);
  });
});

describe.runIf(requireBroker('redis'))('close', () => {
  it('lets go what was published before it', async () => {
    const swarm = redis((await startRedis()).url);
    const [{ host }, { link }] = await Promise.all([open(swarm), open(swarm)]);

    for (let i = 0; i < 20_000; i += 1)
      link.publish(host.inbox, Buffer.from(`${i}`.padEnd(100)), 0);
    await link.close();
    await host.hears(20_000);

    expect(host.heard.every(({ payload }, i) => Number(Buffer.from(payload)) === i)).toBe(true);
  });

  it('waits for what the network does not take at once', async () => {
    const broker = await startRedis();
    const swarm = redis(broker.url);
    const [{ host }, { link }] = await Promise.all([open(swarm), open(swarm)]);
    await broker.pause();

    for (let i = 0; i < 150; i += 1) link.publish(host.inbox, new Uint8Array(100_000), 0);
    const closed = link.close();
    await broker.resume();
    await closed;
    await host.hears(150);

    expect(host.heard.every(({ payload }) => payload.length === 100_000)).toBe(true);
  });

  it('ends deliveries and verdicts at once, even amid those of one chunk', async () => {
    const swarm = redis((await startRedis()).url);
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

  it('resolves each time, and leaves no connection', async () => {
    const broker = await startRedis();
    const { host, link } = await open(redis(broker.url));

    await Promise.all([link.close(), link.close()]);
    await link.close();

    expect(await linksOf(broker)).toBe(0);
    expect(host.losses).toEqual([]);
  });

  it('resolves although Redis hangs, with bytes that cannot leave', async () => {
    const broker = await startRedis();
    const { host, link } = await open(redis(broker.url));
    await broker.pause();
    stopAfter(() => broker.resume());
    link.publish(host.inbox, new Uint8Array(8_000_000), 0);

    await link.close();

    expect(host.losses).toEqual([]);
  });

  it('rejects what is subscribed after it, or still being subscribed', async () => {
    const { link } = await open(redis((await startRedis()).url));
    const subscribing = failure(link.subscribe(['swarm.n.1']));
    await link.close();

    const errors = [await subscribing, await failure(link.subscribe(['swarm.n.2']))];

    for (const error of errors) {
      expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
    }
  });
});

/** Connections to a Redis but for the one that asks. */
async function linksOf(broker: { readonly port: number }): Promise<number> {
  const list = String(await admin(broker).client('LIST'));
  return list.trim().split('\n').length - 1;
}

async function callsOf(watch: ReturnType<typeof admin>, command: string): Promise<number> {
  const stats = await watch.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}
