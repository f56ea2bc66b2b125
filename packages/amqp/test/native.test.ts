import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { Host, open, uncaughtDuring } from './fixture.ts';
import { closeFrame, type FrameProxy, methodFrame, startFrameProxy } from './frame-proxy.ts';

const CONNECTION_CLOSE = [10, 50] as const;
const CHANNEL_CLOSE = [20, 40] as const;
const PUBLISHER = 0;
const HEARER = 1;

async function openProxied() {
  const proxy = await startFrameProxy(() => 'pass');
  const { host, link } = await open(amqp(proxy.url));
  return { proxy, host, link };
}

/** What RabbitMQ or the network do to an open link, and what the library makes of it. */
type Act = (proxy: FrameProxy) => unknown;
const say = (connection: number, bytes: Uint8Array) => (proxy: FrameProxy) =>
  proxy.clients[connection]?.write(bytes);

describe.runIf(requireBroker('rabbitmq'))('a link is lost once, and says why, when', () => {
  it.each<[string, string, string, Act]>([
    [
      'RabbitMQ ends it because of an error',
      'closed',
      '541 (INTERNAL-ERROR) with message "INTERNAL_ERROR"',
      say(PUBLISHER, closeFrame(0, CONNECTION_CLOSE, 541, 'INTERNAL_ERROR')),
    ],
    [
      'RabbitMQ ends it in good order',
      'closed',
      '320 (CONNECTION-FORCED) with message "broker is shutting down"',
      say(HEARER, closeFrame(0, CONNECTION_CLOSE, 320, 'broker is shutting down')),
    ],
    [
      'it may not publish any more',
      'forbidden',
      "ACCESS_REFUSED - access to exchange 'swarm.direct' in vhost '/' refused for the user",
      say(
        PUBLISHER,
        closeFrame(
          1,
          CHANNEL_CLOSE,
          403,
          "ACCESS_REFUSED - access to exchange 'swarm.direct' in vhost '/' refused for user 'jane'",
        ),
      ),
    ],
    [
      'the channel it hears by is closed',
      'closed',
      '406 (PRECONDITION-FAILED)',
      say(HEARER, closeFrame(1, CHANNEL_CLOSE, 406, 'PRECONDITION_FAILED')),
    ],
    [
      'there is news of a channel that nobody opened',
      'closed',
      'Frame on unknown channel',
      say(PUBLISHER, methodFrame(9, [60, 31], '00')),
    ],
    [
      'there is a body of no message',
      'closed',
      'Channel closing',
      say(PUBLISHER, Buffer.from([3, 0, 1, 0, 0, 0, 1, 0, 0xce])),
    ],
    [
      'there is an answer to nothing',
      'closed',
      'reply is not a function',
      say(HEARER, methodFrame(1, [50, 21])),
    ],
    ['there are bytes without a meaning', 'closed', 'Frame size', say(HEARER, Buffer.alloc(9, 9))],
    [
      'a frame has no end',
      'closed',
      'Invalid frame',
      say(PUBLISHER, Buffer.from([8, 0, 0, 0, 0, 0, 0, 0])),
    ],
    [
      'the connection that publishes ends',
      'closed',
      'Unexpected close',
      (proxy) => proxy.clients[PUBLISHER]?.end(),
    ],
    [
      'the connection that hears is reset',
      'closed',
      'ECONNRESET',
      (proxy) => proxy.clients[HEARER]?.resetAndDestroy(),
    ],
  ])('%s (%s)', async (_what, subtype, reason, act) => {
    const { proxy, host, link } = await openProxied();

    const uncaught = await uncaughtDuring(async () => {
      act(proxy);
      // Whenever it is: it never throws.
      while (host.losses.length === 0) {
        link.publish(host.inbox, Buffer.from('x'), 1);
        await nextTurn();
      }
      link.publish(host.inbox, Buffer.from('x'), 1);
      await link.close();
      await proxy.isLeft();
    });

    expect(uncaught).toEqual([]);
    expect(host.losses).toEqual([
      expect.objectContaining({ name: 'SwarmError', subtype, delivered: 'unknown' }),
    ]);
    expect(String(host.losses[0])).toContain(reason);
    expect(String(host.losses[0])).not.toContain('jane');
    expect(host.verdicts).toEqual([]);
  });
});

describe.runIf(requireBroker('rabbitmq'))('a link goes on when', () => {
  it('a heartbeat comes, and a return of what it never sent', async () => {
    const { proxy, host, link } = await openProxied();
    const heartbeat = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce]);
    // 312 NO_ROUTE of an exchange and a key without names, with a body of no bytes.
    const returned = methodFrame(1, [60, 50], '0138000000');
    const header = (properties: string) => {
      const payload = Buffer.from(`003c00000000000000000000${properties}`, 'hex');
      return Buffer.concat([
        Buffer.from([2, 0, 1, 0, 0, 0, payload.length]),
        payload,
        Buffer.from([0xce]),
      ]);
    };
    const messageId = (text: string) => {
      const said = Buffer.from(text);
      return `0080${Buffer.from([said.length, ...said]).toString('hex')}`;
    };

    for (const properties of ['0000', messageId('-7'), messageId('0'), messageId('!')]) {
      proxy.clients[PUBLISHER]?.write(Buffer.concat([heartbeat, returned, header(properties)]));
    }
    proxy.clients[PUBLISHER]?.write(Buffer.concat([returned, header(messageId('7'))]));
    await host.until(() => host.verdicts.length > 0);
    link.publish(host.inbox, Buffer.from('x'), 0);
    await host.hears(1);

    expect([host.verdicts, host.losses]).toEqual([[7], []]);
  });

  it.each([1, 35, 36, 2 ** 32, Number.MAX_SAFE_INTEGER])(
    'nobody hears what has the token %i, and says so',
    async (token) => {
      const { host, link } = await openProxied();

      link.publish('swarm.n.nobody', Buffer.from('x'), 0);
      link.publish('swarm.n.nobody', Buffer.from('x'), token);
      await host.until(() => host.verdicts.length > 0);

      expect(host.verdicts).toEqual([token]);
    },
  );

  it('the host publishes from within what it is told', async () => {
    const { host, link } = await openProxied();
    host.onHeard = ({ payload }) => {
      if (payload.length < 5) link.publish(host.inbox, new Uint8Array(payload.length + 1), 0);
    };

    link.publish(host.inbox, new Uint8Array(1), 0);
    await host.hears(5);

    expect(host.heard.map(({ payload }) => payload.length)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe.runIf(requireBroker('rabbitmq'))('no link is made when', () => {
  it('RabbitMQ takes no messages', async () => {
    const blocked = Buffer.from([1, 0, 0, 0, 0, 0, 8, 0, 10, 0, 60, 3, ...Buffer.from('low')]);
    const proxy = await startFrameProxy(({ connection, number }) =>
      connection === PUBLISHER && number === 3 ? Buffer.concat([blocked, Buffer.of(0xce)]) : 'pass',
    );

    const connecting = amqp(proxy.url).connect(new Host());

    await expect(connecting).rejects.toMatchObject({
      ...{ subtype: 'closed', delivered: 'no' },
      message: `${proxy.url}: RabbitMQ takes no messages: low`,
    });
    await proxy.isLeft();
  });
});
