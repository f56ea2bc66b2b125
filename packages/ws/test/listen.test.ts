import { once } from 'node:events';
import { connect as connectTcp, Server as TcpServer } from 'node:net';
import { createServer } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { listen } from '../src/index.ts';
import {
  dial,
  failure,
  freePort,
  listenTo,
  next,
  openPlain,
  refusedWith,
  start,
  startHttp,
} from './fixture.ts';
import { RawClient, upgradeRequest } from './raw.ts';

/** How a TCP connection to `port` ends: the error code, or null when somebody listens. */
function probe(port: number): Promise<string | null> {
  const socket = connectTcp(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.on('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}

describe('a port of its own', () => {
  it('lets clients in, and both ends may ask', async () => {
    const { server, url } = await start();
    server.client.on('add', (_ctx, a: number, b: number) => a + b);
    const client = dial(url);
    client.on('greet', (_ctx, name) => `hello ${name}`);

    expect(await client.send('add', 1, 2)).toBe(3);

    const [node] = server.nodes.values();
    expect(await node?.client.send('greet', 'node')).toBe('hello node');
  });

  it('answers a request that is no upgrade with 426', async () => {
    const { listener } = await start();

    const response = await fetch(`http://127.0.0.1:${listener.port}/`);

    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
  });

  it('that fails to accept a connection goes on, and tells', async () => {
    const { server, listener, url } = await start();
    const refused = next(server.events, 'refused');
    const error = new Error('accept ENFILE');

    portOfOurs(listener.port).emit('error', error);

    expect((await refused)[0]).toEqual({ status: 503, cause: error });
    await dial(url).ready();
  });

  it('rejects when the port is in use, and the server may listen elsewhere', async () => {
    const { listener } = await start();
    const other = await createServer();

    const refused = listen(other, { host: '127.0.0.1', port: listener.port });

    await expect(refused).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const { url } = await listenTo(other);
    await dial(url).ready();
    await other.close();
  });

  it('is not opened for a server that is closed: nothing would ever close it', async () => {
    const server = await createServer();
    await server.close();

    await expect(listenTo(server)).rejects.toMatchObject({ subtype: 'closed' });
  });

  it('is not left open by a server that closes while it is being opened', async () => {
    const port = await freePort();
    const server = await createServer();

    const listening = failure(listenTo(server, { port }));
    await server.close();

    expect((await listening).subtype).toBe('closed');
    expect(await probe(port)).toBe('ECONNREFUSED');
  });
});

describe('an HTTP server that is there', () => {
  it('keeps everything but upgrades of the path', async () => {
    const { http, port } = await startHttp('the application');
    const { server } = await start({ server: http, path: '/swarm' });
    server.client.on('who', () => 'swarm');

    const response = await fetch(`http://127.0.0.1:${port}/swarm`);

    expect(await response.text()).toBe('the application');
    expect(await dial(`ws://127.0.0.1:${port}/swarm?v=1`).send('who')).toBe('swarm');
  });

  it('answers an upgrade of another path with 404 when nobody else would', async () => {
    const { http, port } = await startHttp();
    await start({ server: http, path: '/swarm' });

    expect(await refusedWith(`ws://127.0.0.1:${port}/other`)).toBe(404);
    expect(await refusedWith(`ws://127.0.0.1:${port}/swarm/`)).toBe(404);
  });

  it('leaves an upgrade of another path to whoever else listens for upgrades', async () => {
    const { http, port } = await startHttp();
    await start({ server: http, path: '/swarm' });
    http.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n');
    });

    expect(await refusedWith(`ws://127.0.0.1:${port}/other`)).toBe(418);
    await dial(`ws://127.0.0.1:${port}/swarm`).ready();
  });

  it('may have two listeners: each gets its path, and a path of neither is 404', async () => {
    const { http, port } = await startHttp();
    const a = await start({ server: http, path: '/a' });
    const b = await start({ server: http, path: '/b' });
    a.server.client.on('who', () => 'a');
    b.server.client.on('who', () => 'b');

    expect(await dial(`ws://127.0.0.1:${port}/a`).send('who')).toBe('a');
    expect(await dial(`ws://127.0.0.1:${port}/b`).send('who')).toBe('b');
    const lost = await RawClient.connect(port);
    lost.socket.write(upgradeRequest('/c'));
    const answered = lost.status();
    // Both have seen it when a later client has come in.
    const later = dial(`ws://127.0.0.1:${port}/a`);
    await later.ready();
    expect(await Promise.race([answered, later.send('who')])).toBe(404);
  });

  it('goes on listening after the listener has closed, without a listener of ours', async () => {
    const { http, port } = await startHttp();
    const { listener } = await start({ server: http });
    const client = await openPlain(`ws://127.0.0.1:${port}`);
    const closed = once(client, 'close');

    await listener.close();

    expect((await closed)[0]).toBe(1001);
    expect(http.listening).toBe(true);
    expect(http.listenerCount('upgrade')).toBe(0);
  });
});

describe('close', () => {
  it('of the server closes its clients with 1001, and the port', async () => {
    const { server, listener, url } = await start();
    const { port } = listener;
    const client = await openPlain(url);
    const closed = once(client, 'close');

    await server.close();

    expect(await probe(port)).toBe('ECONNREFUSED');
    expect((await closed)[0]).toBe(1001);
    expect(server.nodes.size).toBe(0);
  });

  it('of the listener closes the clients that came in by it, and no others', async () => {
    const { server, listener, url } = await start();
    const other = await listenTo(server);
    const here = await openPlain(url);
    const there = dial(other.url);
    await there.ready();
    const closed = once(here, 'close');

    await listener.close();

    expect((await closed)[0]).toBe(1001);
    expect(server.isOpen).toBe(true);
    expect((await failure(there.send('nobody answers this'))).subtype).toBe('unhandled');
  });

  it('of the listener ends its nodes at once, however long a client takes to close', async () => {
    const { http, port } = await startHttp();
    const { server, listener } = await start({ server: http });
    await RawClient.open(port);
    const [node] = server.nodes.values();

    await listener.close();

    expect(node?.isOpen).toBe(false);
    expect(node?.client.emit('nobody hears this')).toBe(false);
    expect(server.nodes.size).toBe(0);
  });

  it('of the listener is idempotent', async () => {
    const { listener } = await start();
    const { port } = listener;

    await Promise.all([listener.close(), listener.close()]);
    await listener.close();

    expect(await probe(port)).toBe('ECONNREFUSED');
  });

  it('of the listener leaves its port readable, for whoever wants to open it again', async () => {
    const { listener } = await start();
    const { port } = listener;

    await listener.close();

    expect(listener.port).toBe(port);
  });

  it('leaves nothing of the listener behind in a server that goes on', async () => {
    const { server, listener } = await start();
    await listener.close();
    const again = await listenTo(server);
    const client = dial(again.url);
    await client.ready();

    const closed = next(client.events, 'close');
    await server.close();

    expect((await closed)[0].code).toBe(1001);
  });

  it('does not wait for a connection that says nothing', async () => {
    const { listener } = await start();
    const silent = await RawClient.connect(listener.port);
    const half = await RawClient.connect(listener.port);
    half.socket.write('GET / HTTP/1.1\r\n');
    // Both are accepted when a later connection has been answered.
    await fetch(`http://127.0.0.1:${listener.port}/`);

    await listener.close();

    await Promise.all([silent.closed, half.closed]);
  });

  it('refuses with 503 who still waits to be accepted', async () => {
    const never = new Promise<undefined>(() => {});
    const { listener, url } = await start({ accept: () => never, acceptTimeoutMs: 4_000 });
    const raw = await RawClient.connect(listener.port);
    raw.socket.write(upgradeRequest());
    // Its upgrade is being decided when a later plain request has been answered.
    await fetch(url.replace('ws:', 'http:'));

    const status = raw.status();
    await listener.close();

    expect(await status).toBe(503);
  });
});

/** The server that listens on a port of this process. */
function portOfOurs(port: number): TcpServer {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
  for (const handle of handles()) {
    if (!(handle instanceof TcpServer)) continue;
    const address = handle.address();
    if (typeof address === 'object' && address?.port === port) return handle;
  }
  throw new Error('there is no such server');
}
