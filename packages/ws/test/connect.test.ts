import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connect, refuse } from '../src/index.ts';
import { dial, failure, freePort, gate, listenTo, next, start, startTcp } from './fixture.ts';

const UNUSED = 'ws://127.0.0.1:1';

describe('connect', () => {
  it.each(['http://127.0.0.1:1', 'https://127.0.0.1:1', 'nonsense', '', '//127.0.0.1', 'ws:'])(
    'throws a TypeError for %j, which is no ws: or wss: URL',
    (url) => {
      expect(() => connect(url)).toThrow(TypeError);
    },
  );

  it('throws a TypeError for a URL that nothing can ever be connected to', () => {
    // `ws` refuses a fragment whenever it dials: without an error here that is for ever.
    const outcome = () => {
      const client = connect(`${UNUSED}/#fragment`);
      client.close();
    };

    expect(outcome).toThrow(TypeError);
  });

  it('throws a TypeError for TLS options that would make nothing secure', () => {
    expect(() => connect('ws://localhost', { tls: {} })).toThrow(TypeError);
  });

  it('throws a TypeError for headers that can never be sent', () => {
    const outcome = () => {
      const client = connect(UNUSED, { headers: { authorization: 'two\nlines' } });
      client.close();
    };

    expect(outcome).toThrow(TypeError);
  });

  it('takes a URL object, its path and its query', async () => {
    const asked: (string | undefined)[] = [];
    const { url } = await start({
      path: '/swarm',
      accept: (request) => {
        asked.push(request.url);
        return undefined;
      },
    });

    await dial(new URL('/swarm?room=1', url).href).ready();
    const client = connect(new URL('/swarm?room=2', url));
    await client.ready();
    client.close();

    expect(asked).toEqual(['/swarm?room=1', '/swarm?room=2']);
  });

  it('sends its headers with the upgrade', async () => {
    const { server, url } = await start({
      accept: ({ headers }) => {
        const { authorization } = headers;
        return authorization === 'Bearer t' ? { auth: { authorization } } : refuse(401);
      },
    });

    await dial(url, { headers: { authorization: 'Bearer t' } }).ready();

    const [node] = server.nodes.values();
    expect(node?.auth).toEqual({ authorization: 'Bearer t' });
  });
});

describe('before the first open', () => {
  it('calls and events wait, and arrive in the order they were made', async () => {
    const { server, url } = await start();
    const heard: unknown[] = [];
    server.client.on('note', (_ctx, value) => heard.push(value));
    const client = dial(url);

    client.send('note', 1);
    client.emit('note', 2);
    client.send('note', 3);
    client.emit('note', 4);
    expect(client.isOpen).toBe(false);
    await client.send('note', 5);

    expect(heard).toEqual([1, 2, 3, 4, 5]);
  });

  it('calls wait for a server that starts later', async () => {
    const port = await freePort();
    const client = dial(`ws://127.0.0.1:${port}`);
    const answer = client.send('echo', 'queued');
    const [{ attempt }] = await next(client.events, 'reconnecting');
    expect(attempt).toBe(1);

    const { server } = await start({ port });
    server.client.on('echo', (_ctx, value) => value);

    expect(await answer).toBe('queued');
  });

  it('`ready` resolves for all who wait, and at once when it is open', async () => {
    const { url } = await start();
    const client = dial(url);

    await Promise.all([client.ready(), client.ready()]);
    await client.ready();

    expect(client.isOpen).toBe(true);
  });

  it('`ready` rejects with `timeout` when the upgrade is never answered, and we go on trying', async () => {
    let connections = 0;
    const again = gate();
    const tcp = createTcpServer(() => {
      connections += 1;
      if (connections === 3) again.open();
    });
    const port = await startTcp(tcp);
    const client = dial(`ws://127.0.0.1:${port}`, { openTimeoutMs: 30 });

    expect(await failure(client.ready())).toMatchObject({ subtype: 'timeout', delivered: 'no' });

    await again.promise;
    expect(client.isOpen).toBe(false);
  });

  it.each([
    ['hangs up', (): string | null => null],
    ['talks nonsense', () => 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['answers like any web server', () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
    [
      'sends us elsewhere',
      () => 'HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
    ],
    ['upgrades with the wrong key', () => `${SWITCHING}Sec-WebSocket-Accept: no\r\n\r\n`],
  ])('what %s instead of upgrading is tried again', async (_what, answer) => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {});
      const text = answer();
      if (text === null) socket.end();
      else socket.once('data', () => socket.end(text));
    });
    const port = await startTcp(tcp);
    const client = dial(`ws://127.0.0.1:${port}`);

    const attempts: number[] = [];
    while (attempts.length < 3) {
      const [{ attempt }] = await next(client.events, 'reconnecting');
      attempts.push(attempt);
    }

    expect(attempts).toEqual([1, 2, 3]);
  });
});

const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';

describe('close', () => {
  it('while connecting is final: the server sees the end of it, and no other connection', async () => {
    const [arrived, ended] = [gate(), gate()];
    const asked: (string | undefined)[] = [];
    const { server, url } = await start({
      accept: async (request) => {
        asked.push(request.url);
        if (request.url !== '/closed') return refuse(503);
        arrived.open();
        await once(request.socket, 'end');
        ended.open();
        return {};
      },
    });
    const client = dial(`${url}/closed`, { backoffBaseMs: 1 });
    const ready = failure(client.ready());
    const call = failure(client.send('never sent'));
    await arrived.promise;

    client.close();
    client.close();

    expect(await ready).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'no' });
    await ended.promise;
    const other = dial(`${url}/busy`, { backoffBaseMs: 1 });
    for (let i = 0; i < 3; i += 1) await next(other.events, 'reconnecting');
    expect(asked.filter((path) => path === '/closed')).toHaveLength(1);
    expect(server.nodes.size).toBe(0);
  });

  it('between two attempts is final', async () => {
    const asked: (string | undefined)[] = [];
    const { url } = await start({
      accept: (request) => {
        asked.push(request.url);
        return refuse(503);
      },
    });
    const client = dial(`${url}/closed`, { backoffBaseMs: 1 });
    await next(client.events, 'reconnecting');

    client.close();

    const other = dial(`${url}/busy`, { backoffBaseMs: 1 });
    for (let i = 0; i < 5; i += 1) await next(other.events, 'reconnecting');
    expect(asked.filter((path) => path === '/closed')).toHaveLength(1);
    expect((await failure(client.ready())).subtype).toBe('closed');
  });

  it('fails what is in flight, closes the node, and is no failure', async () => {
    const { server, url } = await start();
    const held = gate();
    server.client.on('hold', () => {
      held.open();
      return new Promise(() => {});
    });
    const client = dial(url);
    const events: string[] = [];
    client.events.on('failed', () => events.push('failed'));
    client.events.on('reconnecting', () => events.push('reconnecting'));
    const call = failure(client.send('hold'));
    await held.promise;
    const left = next(server.events, 'left');

    client.close();
    client.close();

    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    expect(await failure(client.send('more'))).toMatchObject({
      subtype: 'closed',
      delivered: 'no',
    });
    expect(client.emit('more')).toBe(false);
    await left;
    expect(server.nodes.size).toBe(0);
    expect(events).toEqual([]);
  });

  it('of a client that nobody ever answered leaves its port alone', async () => {
    const port = await freePort();
    const client = dial(`ws://127.0.0.1:${port}`, { backoffBaseMs: 1 });
    await next(client.events, 'reconnecting');
    client.close();

    const { server } = await start({ port });
    const here = await listenTo(server);
    await dial(here.url).ready();

    expect(server.nodes.size).toBe(1);
  });
});
