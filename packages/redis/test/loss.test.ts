import { requireBroker } from '@swarm/conformance/brokers';
import { SwarmError } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { redis } from '../src/index.ts';
import { afterOpening, array, refuse, startFake } from './fake-redis.ts';
import {
  admin,
  failure,
  type Linked,
  open,
  printed,
  startRedis,
  unhandledDuring,
} from './fixture.ts';

describe.runIf(requireBroker('redis'))('a link is lost', () => {
  it('once, with everything on it, when Redis is killed amid traffic', async () => {
    const broker = await startRedis();
    const swarm = redis(broker.url);
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
    for (const { host } of links) host.onHeard = publish;

    const unhandled = await unhandledDuring(async () => {
      publish();
      await Promise.all(links.map(({ host }) => host.hears(100)));
      await broker.kill();
      await Promise.all(links.map(({ host }) => host.isLost()));
      publish();
      await Promise.all(settled);
      for (const { link } of links) await link.close();
    });

    expect(unhandled).toEqual([]);
    expect(await settled.at(-1)).toBe('rejected');
    for (const { host } of links) {
      expect(host.losses).toHaveLength(1);
      expect(host.losses[0]).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    }
  });

  it.each(['normal', 'pubsub'] as const)(
    'whole, when its %s connection is killed',
    async (type) => {
      const broker = await startRedis();
      const { host, link } = await open(redis(broker.url));
      const watch = admin(broker);
      const id = /^id=(\d+) (?!.*cmd=client)/m.exec(await clients(watch, 'TYPE', type))?.[1] ?? '';

      await watch.client('KILL', 'ID', id);
      await host.isLost();
      const error = await failure(link.subscribe(['swarm.n.1']));
      link.publish('swarm.n.nobody', Buffer.from('x'), 1);
      await link.close();

      expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
      // Redis may take a moment to see what has ended.
      await expect.poll(() => clients(watch)).toMatch(/^[^\n]+cmd=client[^\n]+\n$/);
      expect([host.losses.length, host.verdicts]).toEqual([1, []]);
    },
  );

  it('and a new one of the same swarm has nothing of it', async () => {
    const broker = await startRedis();
    const swarm = redis(broker.url);
    const { host, link } = await open(swarm);
    await link.subscribe(['swarm.n.1']);
    await broker.restart();
    await host.isLost();

    const later = await open(swarm);
    later.link.publish('swarm.n.1', Buffer.from('x'), 1);
    later.link.publish(host.inbox, Buffer.from('x'), 2);
    await later.host.until(() => later.host.verdicts.length === 2);

    expect(later.host.verdicts).toEqual([1, 2]);
    expect(host.heard).toEqual([]);
  });
});

/** What ioredis makes of what Redis or the network do, and what becomes of that. */
describe('what the host sees', () => {
  async function openFake(answers: Parameters<typeof startFake>[0]): Promise<Linked> {
    const { url } = await startFake({ PUBLISH: (socket) => socket.write(':0\r\n'), ...answers });
    return open(redis(url));
  }

  it('of a count of 0 is a verdict', async () => {
    const { host, link } = await openFake({});

    link.publish('swarm.n.1', Buffer.from('x'), 0);
    link.publish('swarm.n.1', Buffer.from('x'), 7);
    await host.until(() => host.verdicts.length > 0);

    expect(host.verdicts).toEqual([7]);
  });

  it('of a refused PUBLISH is a verdict, too: nobody heard it', async () => {
    const { host, link } = await openFake({
      PUBLISH: afterOpening(refuse('BUSY Redis is busy running a script')),
    });

    link.publish('swarm.n.1', Buffer.from('x'), 0);
    link.publish('swarm.n.1', Buffer.from('x'), 7);
    await host.until(() => host.verdicts.length > 0);

    expect([host.verdicts, host.losses]).toEqual([[7], []]);
  });

  it('of a PUBLISH without an answer is a loss, and no verdict', async () => {
    const { host, link } = await openFake({
      PUBLISH: afterOpening((socket) => socket.resetAndDestroy()),
    });

    link.publish('swarm.n.1', Buffer.from('x'), 7);
    await host.isLost();
    await link.close();

    expect(host.verdicts).toEqual([]);
    expect(causeOf(host.losses)).toContain('ECONNRESET');
  });

  it('of an orderly end is a loss', async () => {
    const { host, link } = await openFake({
      PUBLISH: afterOpening((socket) => socket.end(':0\r\n')),
    });
    link.publish('swarm.n.1', Buffer.from('x'), 0);

    await host.isLost();

    expect(causeOf(host.losses)).toContain('Redis ended the connection');
  });

  it('of bytes without a meaning is a loss', async () => {
    const { host, link } = await openFake({
      UNSUBSCRIBE: (socket) => socket.write('nonsense\r\n'),
    });

    const error = await failure(link.unsubscribe(['swarm.n.1']));
    await host.isLost();

    expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(causeOf(host.losses)).toContain('Unknown RESP type');
  });

  it('of an answer to nothing is a loss', async () => {
    const { host, link } = await openFake({
      PUBLISH: afterOpening((socket) => socket.write(':0\r\n:0\r\n')),
    });
    link.publish('swarm.n.1', Buffer.from('x'), 7);

    await host.isLost();

    expect(causeOf(host.losses)).toContain('Command queue state error');
  });

  it('of a refused SUBSCRIBE is its rejection, and nothing else', async () => {
    const { host, link } = await openFake({
      SUBSCRIBE: (socket, [channel = '']) => {
        if (channel.includes('.n.')) socket.write('-NOPERM User jane has no permissions\r\n');
        else socket.write(`*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`);
      },
      UNSUBSCRIBE: refuse('ERR not now'),
    });

    const errors = [
      await failure(link.subscribe(['swarm.n.1'])),
      await failure(link.unsubscribe(['swarm.n.1'])),
    ];
    link.publish('swarm.n.1', Buffer.from('x'), 7);
    await host.until(() => host.verdicts.length > 0);

    for (const error of errors) {
      expect(error).toMatchObject({ subtype: 'forbidden', delivered: 'no' });
      expect(printed(error)).not.toContain('jane');
    }
    expect(host.losses).toEqual([]);
  });

  it('of a message nobody subscribed to is that message: Redis knows best', async () => {
    const { host, link } = await openFake({
      UNSUBSCRIBE: (socket) => {
        socket.write(array('message', 'swarm.n.1', 'late'));
        socket.write('*3\r\n$11\r\nunsubscribe\r\n$9\r\nswarm.n.1\r\n:1\r\n');
      },
    });

    await link.unsubscribe(['swarm.n.1']);

    expect(host.heard).toEqual([{ subject: 'swarm.n.1', payload: Buffer.from('late') }]);
  });
});

function causeOf(losses: readonly unknown[]): string {
  expect(losses).toHaveLength(1);
  expect(SwarmError.is(losses[0])).toBe(true);
  return (losses[0] as SwarmError).message;
}

async function clients(
  watch: ReturnType<typeof admin>,
  ...type: readonly string[]
): Promise<string> {
  return String(await watch.call('CLIENT', 'LIST', ...type));
}
