import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { rabbitmqctl, requireBroker } from '@swarm/conformance/brokers';
import { openSwarm } from '@swarm/core';
import { credentials } from 'amqplib';
import { describe, expect, it, vi } from 'vitest';
import { amqp } from '../src/index.ts';
import {
  failure,
  Host,
  open,
  printed,
  refusal,
  shared,
  stopAfter,
  uncaughtDuring,
} from './fixture.ts';
import { closeFrame, type Fate, startFrameProxy } from './frame-proxy.ts';

/** More frames than the server sends to either connection while a link is opened. */
const FRAMES_MAX = 12;

/** Every point of a dial: a frame of the server to one of the two connections. */
const POINTS = [0, 1].flatMap((connection) =>
  Array.from({ length: FRAMES_MAX }, (_, number) => ({ connection, number })),
);

describe.runIf(requireBroker('rabbitmq'))('a dial', () => {
  it.each<[string, Fate]>([
    ['is reset', 'reset'],
    ['ends', 'end'],
    ['is closed as broken', closeFrame(0, [10, 50], 541, 'INTERNAL_ERROR')],
    ['is closed by an operator', closeFrame(0, [10, 50], 320, 'CONNECTION_FORCED')],
    ['has its channel closed', closeFrame(1, [20, 40], 541, 'INTERNAL_ERROR')],
    ['has another channel closed', closeFrame(2, [20, 40], 541, 'INTERNAL_ERROR')],
    ['goes on in nonsense', Buffer.alloc(20, 9)],
  ])('rejects and leaves nothing wherever its connection %s', async (_what, fate) => {
    let refused = 0;
    const uncaught = await uncaughtDuring(async () => {
      for (const point of POINTS) {
        const proxy = await startFrameProxy(({ connection, number }) =>
          connection === point.connection && number === point.number ? fate : 'pass',
        );
        const connecting = amqp(proxy.url).connect(new Host());
        const [{ status }] = await Promise.allSettled([connecting]);
        if (status === 'rejected') {
          expect(await failure(connecting)).toMatchObject({ subtype: 'closed', delivered: 'no' });
          refused += 1;
        } else {
          await (await connecting).close();
        }
        await proxy.isLeft();
      }
    });

    expect(uncaught).toEqual([]);
    // Each has start, tune, open and a channel; one has a message to nobody, the other what it hears.
    expect(refused).toBeGreaterThanOrEqual(15);
  });

  it('ends in time wherever the server stands still', async () => {
    for (const point of POINTS) {
      let stall = () => {};
      const stalled = new Promise<string>((resolve) => {
        stall = () => resolve('stalled');
      });
      const proxy = await startFrameProxy(({ connection, number }) => {
        if (connection !== point.connection || number !== point.number) return 'pass';
        stall();
        return 'stall';
      });
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      stopAfter(() => vi.useRealTimers());
      const connecting = amqp(proxy.url).connect(new Host());
      connecting.catch(() => {});

      const opened = connecting.then(
        (link) => link,
        () => null,
      );
      if ((await Promise.race([stalled, opened])) === 'stalled') vi.advanceTimersByTime(3_000);
      const link = await opened;
      await link?.close();
      await proxy.isLeft();

      expect(vi.getTimerCount()).toBe(0);
      vi.useRealTimers();
      if (link !== null) continue;
      expect((await failure(connecting)).message).toBe(`${proxy.url}: no answer within 3000 ms`);
    }
  });

  it('is refused with the wrong password, and shows neither', async () => {
    const error = await refusal(`amqp://jane:s3cret@127.0.0.1:${shared.port}`);

    expect(error).toMatchObject({ subtype: 'forbidden' });
    expect(error.message).toContain(`amqp://127.0.0.1:${shared.port}: Handshake terminated`);
    expect(error.message).toContain('ACCESS_REFUSED - Login was refused');
    expect(printed(error)).not.toMatch(/jane|s3cret/);
  });

  it('is refused for a virtual host that is not there', async () => {
    const error = await refusal(`${shared.url}/no%2Fwhere`);

    expect(error.message).toContain('does not open the virtual host: perhaps it is not there');
    expect(error.message.startsWith(`${shared.url}/no%2Fwhere: `)).toBe(true);
  });

  it('takes who comes from the URL or the options, which win', async () => {
    const { port } = shared;

    await open(amqp(`amqp://guest:guest@127.0.0.1:${port}/%2F`));
    await open(amqp(`amqp://127.0.0.1:${port}/`));
    await open(amqp(`amqp://%67uest:wr0ng@127.0.0.1:${port}`, { password: 'guest' }));
    await open(amqp(`amqp://jane:guest@127.0.0.1:${port}`, { username: 'guest' }));
    await open(amqp(`amqp://guest@127.0.0.1:${port}`, { password: 'guest', username: undefined }));
    const external = { credentials: credentials.plain('guest', 'guest') };
    await open(amqp(`amqp://jane:wr0ng@127.0.0.1:${port}`, external));
    await refusal(`amqp://guest@127.0.0.1:${port}`);
  });

  it('asks for heartbeats of 6 s and no delay, and tells its name', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    stopAfter(() => setNoDelay.mockRestore());
    await open(amqp(shared.url, { connectionName: 'my swarm' }));

    const list = await rabbitmqctl(shared, 'list_connections', 'timeout', 'client_properties');

    const own = list.split('\n').filter((line) => line.includes('my swarm'));
    expect(own).toHaveLength(2);
    for (const line of own) expect(line).toMatch(/^6\t.*@swarm\/amqp/);
    expect(setNoDelay.mock.calls).toEqual([[], []]);
  });

  it('works for the openSwarm of the core', async () => {
    const { host, link } = await open(openSwarm(shared.url, [amqp]));
    link.publish(host.inbox, Buffer.from('x'), 0);
    await host.hears(1);

    expect(amqp.schemes).toEqual(['amqp:', 'amqps:']);
  });
});

describe('a dial to', () => {
  it('where nobody listens is refused, also behind a name of several addresses', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const error = await refusal(`amqp://${host}:1`);

      expect(error.message).toMatch(new RegExp(`^amqp://${host}:1: .*ECONNREFUSED`));
      expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('something that speaks another language is refused', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stopAfter(() => server.close());

    const error = await refusal(`amqp://127.0.0.1:${(server.address() as AddressInfo).port}`);

    expect(error).toMatchObject({ subtype: 'closed' });
  });

  it('anything is refused to a host that wants to publish more than it carries', async () => {
    const swarm = amqp('amqp://127.0.0.1:1');
    const { frameBytesMax } = swarm.capabilities;

    const error = await failure(swarm.connect(new Host('swarm', frameBytesMax + 1)));

    expect(error.message).toBe(`amqp://127.0.0.1:1: carries ${frameBytesMax} bytes`);
  });
});

describe('a URL', () => {
  const takes = (url: string) => expect(amqp(url).name).toBe('amqp');
  const refuses = (url: string) => {
    expect(() => amqp(url)).toThrow(TypeError);
    expect(() => amqp(url)).not.toThrow(/s3cret/);
  };

  it.each([
    'amqp://localhost',
    'amqp://localhost/',
    'amqps://rabbit.example.com:5671/my%2Fvhost',
    'AMQP://10.0.0.1:5672',
    'amqp://[::1]:5672',
    'amqp://user:p%40ss@h:1/v',
    'amqp://user@h',
    'amqp://user:p%40ss@a:5672,b,10.0.0.1:5673/v',
    'amqp://a,b',
    'amqps://[::1]:5671,[fe80::1],c/',
  ])('may be %s', takes);

  it.each([
    'redis://localhost',
    'amqp:localhost',
    'amqp://',
    'amqp://user:s3cret@',
    'amqp://user:s3cret@h:port',
    'amqp://user:s3cret?@h',
    'amqp://user:s3cret#@h',
    'amqp://user:s3cret/@h',
    'amqp://user:s3cret@@h',
    'amqp://user:s3cret@h/a/b',
    'amqp://user:s3cret@h?heartbeat=0',
    'amqp://user:s3cret@h1,h2 ',
    'amqp://user:s3cret@h1,',
    'amqp://user:s3cret@,h2',
    'amqp://user:s3cret@h1,,h2',
    'amqp://user:s3cret@h1:,h2',
    'amqp://user:s3cret@h1,user:s3cret@h2',
    'amqp://user:s3cret@h1/v,h2/v',
  ])('is not %s', refuses);
});
