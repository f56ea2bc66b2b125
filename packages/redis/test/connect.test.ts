import { requireBroker } from '@swarm/conformance/brokers';
import { openSwarm } from '@swarm/core';
import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../src/client.ts';
import { type RedisOptions, redis } from '../src/index.ts';
import { array, hello, refuse, startFake } from './fake-redis.ts';
import { admin, failure, open, printed, refusal, startRedis, stopAfter } from './fixture.ts';

describe.runIf(requireBroker('redis'))('connect', () => {
  it('is refused where nobody listens, also behind a name of several addresses', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const error = await refusal(`redis://${host}:1`);

      expect(error.message).toMatch(new RegExp(`^redis://${host}:1: .*ECONNREFUSED`));
      expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('is refused with the wrong password, or none', async () => {
    const { port } = await startRedis({ config: ['requirepass hunter2'] });

    const wrong = await refusal(`redis://:wr0ng@127.0.0.1:${port}`);
    const none = await refusal(`redis://127.0.0.1:${port}`);

    expect(wrong.message).toContain(`redis://127.0.0.1:${port}: WRONGPASS`);
    expect(printed(wrong)).not.toContain('wr0ng');
    expect(none.message).toContain('NOAUTH');
  });

  it('takes the password from the URL or the options, which win', async () => {
    const { port } = await startRedis({ config: ['requirepass "h%nter 2"'] });

    await open(redis(`redis://:h%25nter%202@127.0.0.1:${port}`));
    await open(redis(`redis://127.0.0.1:${port}`, { password: 'h%nter 2' }));
    await open(redis(`redis://default:wrong@127.0.0.1:${port}`, { password: 'h%nter 2' }));
    await open(redis(`redis://:h%25nter%202@127.0.0.1:${port}`, { password: undefined }));
  });

  it('is refused by a replica, where a publish would stay', async () => {
    const { url } = await startRedis({ config: ['replicaof 127.0.0.1 1'] });

    expect((await refusal(url)).message).toBe(`${url}: not a primary, but a replica`);
  });

  it('is refused by a Cluster that nobody has formed', async () => {
    const { url } = await startRedis({ config: ['cluster-enabled yes'] });

    expect((await refusal(url)).message).toBe(`${url}: a Cluster where nobody has slot 8039`);
  });

  it('is refused by a Redis that has no room', async () => {
    const broker = await startRedis({ config: ['maxclients 1'] });
    const watch = admin(broker);
    await watch.ping();

    expect((await refusal(broker.url)).message).toContain('max number of clients reached');
    expect(await watch.client('LIST')).toMatch(/^[^\n]+\n$/);
  });

  it('works for the openSwarm of the core', async () => {
    const { url } = await startRedis();

    const { host, link } = await open(openSwarm(url, [redis]));
    link.publish(host.inbox, Buffer.from('x'), 0);
    await host.hears(1);

    expect(redis.schemes).toEqual(['redis:', 'rediss:']);
  });
});

describe('connect to', () => {
  it('a Sentinel is refused', async () => {
    const { url } = await startFake({ HELLO: hello('sentinel', 'master') });

    expect((await refusal(url)).message).toBe(
      `${url}: not a Redis with channels, but one in sentinel mode`,
    );
  });

  it('a Redis before version 6 is refused', async () => {
    const { url } = await startFake({ HELLO: refuse("ERR unknown command 'HELLO'") });

    expect((await refusal(url)).message).toBe(`${url}: ERR unknown command 'HELLO'`);
  });

  it('whoever answers something else is refused', async () => {
    const { url } = await startFake({ HELLO: (socket) => socket.write('HTTP/1.1 400 Bad\r\n') });

    expect((await refusal(url)).message).toContain('Unknown RESP type');
  });

  it('whoever hangs up is refused', async () => {
    const { url } = await startFake({ HELLO: (socket) => socket.destroy() });

    expect((await refusal(url)).message).toMatch(/Connection is closed|ended the connection/);
  });

  it.each(['HELLO', 'PUBLISH', 'SUBSCRIBE'])(
    'a server that lets nobody %s is refused',
    async (command) => {
      const text = `NOPERM User jane has no permissions to run the '${command}' command`;
      const { url, port, sockets } = await startFake({ [command]: refuse(text) });

      const error = await refusal(url, { username: 'jane', password: 's3cret' });

      expect(error.message).toBe(
        `redis://127.0.0.1:${port}: NOPERM the user has no permissions to run the '${command}' command`,
      );
      expect(printed(error)).not.toMatch(/jane|s3cret/);
      await vi.waitUntil(() => sockets.size === 0);
    },
  );

  it.each(['HELLO', 'PUBLISH', 'SUBSCRIBE'])(
    'a server that never answers %s ends in time',
    async (command) => {
      let asked = () => {};
      const asking = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const { url, sockets } = await startFake({ [command]: () => asked() });
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      stopAfter(() => vi.useRealTimers());

      const refused = refusal(url);
      await asking;
      vi.advanceTimersByTime(3_000);

      expect((await refused).message).toBe(`${url}: no answer within 3000 ms`);
      // Gone are first our ends, with their timers, and then those of the server.
      while (sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('a primary goes through its Sentinels', async () => {
    const primary = await startFake();
    const sentinel = await startFake({
      SENTINEL: (socket, [question]) => {
        const address = array('127.0.0.1', `${primary.port}`);
        socket.write(question === 'get-master-addr-by-name' ? address : '*0\r\n');
      },
    });
    const options = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' };

    const { host } = await open(redis('redis://main', options));

    expect(sentinel.commands).toContain('sentinel get-master-addr-by-name main');
    expect(primary.commands).toContain(`subscribe ${host.inbox}`);
  });

  it('Sentinels that are gone is refused, once', async () => {
    const options = { sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'main' };

    expect((await refusal('redis://main', options)).message).toMatch(
      /^redis:\/\/main: All sentinels/,
    );
    expect((await refusal('redis://main', { sentinels: [] })).message).toContain('sentinel');
  });
});

describe('a link asks for', () => {
  it('no more of Redis than the rules of the README let it', async () => {
    const { url, commands } = await startFake();
    const { link } = await open(redis(url, { username: 'jane', password: 's3cret' }));

    await link.subscribe(['swarm.n.1']);
    link.publish('swarm.n.1', Buffer.from('x'), 0);
    await link.close();

    const names = new Set(commands.map((command) => command.split(' ')[0]?.toLowerCase()));
    expect([...names].toSorted()).toEqual(['auth', 'hello', 'publish', 'subscribe']);
    // Redis 6.0 knows HELLO with a version only.
    expect(commands).toContain('hello 2');
  });
});

describe('a URL', () => {
  const takes = (url: string) => expect(redis(url).name).toBe('redis');
  const refuses = (url: string) => {
    expect(() => redis(url)).toThrow(TypeError);
    expect(() => redis(url)).not.toThrow(/s3cret/);
  };

  it.each([
    'redis://localhost',
    'redis://localhost/',
    'rediss://redis.example.com:6380/0',
    'REDIS://10.0.0.1:6379',
    'redis://[::1]:6379',
    'redis://:s3cret@h',
    'redis://user:p%40ss@h:1',
    'redis://user:s3cret@a:7000,b:7001,c',
    'rediss://10.0.0.1,[::1]:7000,h/0',
  ])('may be %s', takes);

  it.each([
    'nats://localhost',
    'redis:localhost',
    'redis://',
    'redis://:s3cret@',
    'redis://user:s3cret@h:port',
    'redis://user:s3cret?@h',
    'redis://user:s3cret#@h',
    'redis://user:s3cret/@h',
    'redis://user:s3cret@@h',
    'redis://user:s3cret@h/1',
    'redis://user:s3cret@a,',
    'redis://user:s3cret@a,,b',
    'redis://user:s3cret@a,jane:s3cret@b',
    'redis://user:s3cret@a/0,b',
    'redis://user:s3cret@h?enableOfflineQueue=true',
    'redis://h/0?retryStrategy=s3cret',
  ])('is not %s', refuses);

  it('of rediss: is with TLS in whatever letters', async () => {
    const { port, commands } = await startFake();

    for (const scheme of ['rediss', 'REDISS']) await refusal(`${scheme}://127.0.0.1:${port}`);

    expect(new Set(commands)).toEqual(new Set(['TLS']));
  });
});

describe('options', () => {
  const hostile: object = {
    lazyConnect: false,
    retryStrategy: () => 1,
    sentinelRetryStrategy: () => 1,
    reconnectOnError: () => true,
    autoResubscribe: true,
    autoResendUnfulfilledCommands: true,
    enableOfflineQueue: true,
    enableReadyCheck: true,
    maxRetriesPerRequest: null,
    connectTimeout: 1,
    protocol: 3,
  };

  it('cannot revive a link, or keep anything for later', async () => {
    const { url, sockets, commands } = await startFake();
    const { host, link } = await open(redis(url, hostile as RedisOptions));

    for (const socket of sockets) socket.resetAndDestroy();
    await host.isLost();
    await failure(link.subscribe(['swarm.n.1']));
    await link.close();

    expect(commands.filter((command) => command.startsWith('subscribe'))).toHaveLength(1);
    expect([host.losses.length, sockets.size]).toEqual([1, 0]);
  });

  it('reach ioredis only where they are ours to pass on', () => {
    const address = { host: 'h', port: 1, username: 'jane', password: 's3cret' };
    const options = { ...hostile, username: undefined, password: 'other', connectionName: 'me' };

    const client = createClient(address, options);

    expect(client.status).toBe('wait');
    expect(client.options).toMatchObject({
      ...{ host: 'h', port: 1, username: 'jane', password: 'other', connectionName: 'me' },
      ...{ lazyConnect: true, retryStrategy: null, reconnectOnError: null },
      ...{ autoResubscribe: false, autoResendUnfulfilledCommands: false },
      ...{ enableOfflineQueue: false, enableReadyCheck: false, maxRetriesPerRequest: 0 },
      ...{ connectTimeout: 3_000, protocol: 2, keepAlive: 5_000, noDelay: true },
    });
    expect(client.options.sentinelRetryStrategy?.(1)).toBe(null);
    expect(client.options.commandTimeout).toBeUndefined();
  });
});
