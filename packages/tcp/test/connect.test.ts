import { createServer as createNetServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { swarm1, swarmJson } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { FRAME } from '../src/frame.ts';
import { connect, type Hello, refuse } from '../src/index.ts';
import {
  dial,
  failure,
  freePort,
  gate,
  HOST,
  listenTo,
  next,
  start,
  startEcho,
  startNet,
} from './fixture.ts';
import { jsonFrame, rawFrame } from './raw.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((list) => {
  return list?.some(({ address }) => address === '::1');
});
const UNUSED = 'tcp://127.0.0.1:1';

describe('connect', () => {
  it.each([
    'ws://127.0.0.1:1',
    'http://127.0.0.1:1',
    'nonsense',
    '',
    '//127.0.0.1:1',
    'tcp:',
    'tcp:127.0.0.1:1',
    'tcp:///path',
    'tcp://127.0.0.1',
    'tls://127.0.0.1:0',
    'tcp://127.0.0.1:99999',
    'tcp://ex%20ample:1',
    `${UNUSED}#fragment`,
    'tcp://user@127.0.0.1:1',
    'tcp://:secret@127.0.0.1:1',
  ])('throws a TypeError for %j, which nothing can be connected to', (url) => {
    expect(() => connect(url)).toThrow(TypeError);
  });

  it('throws a TypeError for headers that do not fit into a hello', () => {
    expect(() => connect(UNUSED, { headers: { token: 'x'.repeat(8_192) } })).toThrow(TypeError);
  });

  it('throws a TypeError for `tls` with a URL that is never secure', () => {
    expect(() => connect(UNUSED, { tls: {} })).toThrow(TypeError);
  });

  it('takes a URL object', async () => {
    const { server, url } = await start();

    const client = connect(new URL('/a', url));
    await client.ready();
    client.close();

    expect(server.nodes.size).toBe(1);
  });

  it.skipIf(!hasIPv6)('takes an address of IPv6', async () => {
    const { listener } = await start({ host: '::1' });

    await dial(`tcp://[::1]:${listener.port}`).ready();
  });

  it('sends its headers with the hello', async () => {
    const { server, url } = await start({
      accept: ({ headers }) => {
        const { authorization } = headers;
        return authorization === 'Bearer t' ? { auth: { authorization } } : refuse(401);
      },
    });

    await dial(url, { headers: { Authorization: 'Bearer t' } }).ready();

    const [node] = server.nodes.values();
    expect(node?.auth).toEqual({ authorization: 'Bearer t' });
  });

  it.each([swarm1, swarmJson])('speaks $name, both ways', async (dialect) => {
    const hellos: Hello[] = [];
    const { server, url } = await start({
      accept: (hello) => {
        hellos.push(hello);
        return {};
      },
    });
    server.client.on('add', (_ctx, a: number, b: number) => a + b);
    server.client.on('fail', (ctx) => ctx.throw('no', { because: 'é' }));
    const client = dial(url, { dialect });
    client.on('greet', (_ctx, name) => `hello ${name}`);

    expect(await client.send('add', 1, 2)).toBe(3);
    expect(await failure(client.send('fail'))).toMatchObject({ data: { because: 'é' } });
    const [node] = server.nodes.values();
    expect(await node?.client.send('greet', 'node')).toBe('hello node');
    expect(hellos.map((hello) => hello.dialect)).toEqual([dialect.name]);
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
    const client = dial(`tcp://${HOST}:${port}`);
    const answer = client.send('echo', 'queued');
    const [{ attempt }] = await next(client.events, 'reconnecting');
    expect(attempt).toBe(1);

    await startEcho({ port });

    expect(await answer).toBe('queued');
  });

  it('`ready` rejects with `timeout` when nobody answers the hello, and we go on trying', async () => {
    let connections = 0;
    const again = gate();
    const { url } = await startNet(
      createNetServer(() => {
        connections += 1;
        if (connections === 3) again.open();
      }),
    );
    const client = dial(url, { openTimeoutMs: 30 });

    expect(await failure(client.ready())).toMatchObject({ subtype: 'timeout', delivered: 'no' });

    await again.promise;
    expect(client.isOpen).toBe(false);
  });

  const GARBAGE: [string, Buffer | null][] = [
    ['hangs up', null],
    ['talks nonsense', Buffer.from('SSH-2.0-OpenSSH\r\n\r\n')],
    ['answers like a web server', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')],
    ['sends a length of 0', Buffer.alloc(4)],
    ['sends a message before a welcome', jsonFrame({ type: 'init' })],
    ['refuses without a status', rawFrame(FRAME.refused, Buffer.from([4]))],
    ['says hello itself', rawFrame(FRAME.hello, Buffer.from('{}'))],
    ['says goodbye', rawFrame(FRAME.close, Buffer.from([0x03, 0xe8]))],
  ];

  it.each(GARBAGE)('what %s instead of a welcome is tried again', async (_what, bytes) => {
    const { url } = await startNet(
      createNetServer((socket) => {
        if (bytes === null) socket.end();
        else socket.once('data', () => socket.write(bytes));
      }),
    );
    const client = dial(url);

    const attempts: number[] = [];
    while (attempts.length < 3) {
      const [{ attempt }] = await next(client.events, 'reconnecting');
      attempts.push(attempt);
    }

    expect(attempts).toEqual([1, 2, 3]);
  });
});

describe('close', () => {
  it('while connecting is final: the server sees the end of it, and no other connection', async () => {
    const [arrived, ended] = [gate(), gate()];
    const asked: string[] = [];
    const { server, url } = await start({
      accept: async ({ url, socket }) => {
        asked.push(url);
        if (url !== '/closed') return refuse(503);
        arrived.open();
        await ended.promise;
        // What is decided after the end is void.
        socket.once('close', () => gone.open());
        return {};
      },
    });
    const gone = gate();
    const client = dial(`${url}/closed`, { backoffBaseMs: 1 });
    const ready = failure(client.ready());
    const call = failure(client.send('never sent'));
    await arrived.promise;

    client.close();
    client.close();

    expect(await ready).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'no' });
    ended.open();
    await gone.promise;
    const other = dial(`${url}/busy`, { backoffBaseMs: 1 });
    for (let i = 0; i < 3; i += 1) await next(other.events, 'reconnecting');
    expect(asked.filter((path) => path === '/closed')).toHaveLength(1);
    expect(server.nodes.size).toBe(0);
  });

  it('between two attempts is final', async () => {
    const asked: string[] = [];
    const { url } = await start({
      accept: ({ url }) => {
        asked.push(url);
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
    const client = dial(`tcp://${HOST}:${port}`, { backoffBaseMs: 1 });
    await next(client.events, 'reconnecting');
    client.close();

    const { server } = await start({ port });
    const here = await listenTo(server);
    await dial(here.url).ready();

    expect(server.nodes.size).toBe(1);
  });
});
