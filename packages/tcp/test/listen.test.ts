import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  connect as connectNet,
  createServer as createNetServer,
  Server as NetServer,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, LIMITS } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { FRAME } from '../src/frame.ts';
import { listen } from '../src/index.ts';
import {
  dial,
  failure,
  freePort,
  gate,
  listenTo,
  next,
  probe,
  start,
  startNet,
  stopAfter,
} from './fixture.ts';
import { hello, RawEnd } from './raw.ts';

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

  it('rejects when the port is in use, and the server may listen elsewhere', async () => {
    const { listener } = await start();
    const other = await createServer();

    const refused = listen(other, { host: '127.0.0.1', port: listener.port });

    await expect(refused).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const { url } = await listenTo(other);
    await dial(url).ready();
    await other.close();
  });

  it('that fails to accept a connection goes on, and tells', async () => {
    const { server, listener, url } = await start();
    const refused = next(server.events, 'refused');
    const error = new Error('accept ENFILE');

    portOfOurs(listener.port).emit('error', error);

    expect((await refused)[0]).toEqual({ status: 503, cause: error });
    await dial(url).ready();
  });

  it('rejects for a key that cannot be read', async () => {
    const server = await createServer();

    await expect(listen(server, { tls: { key: 'nonsense', cert: 'nonsense' } })).rejects.toThrow();
    await server.close();
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

describe('a server that is there', () => {
  it('is not made secure by an option: that is refused', async () => {
    const { net } = await startNet();
    const server = await createServer();

    await expect(listen(server, { server: net, tls: {} })).rejects.toThrow(TypeError);
    await server.close();
  });

  it('goes on listening after the listener has closed, without a listener of ours', async () => {
    const { net, port } = await startNet();
    const before = net.listenerCount('connection');
    const { listener } = await start({ server: net });
    const raw = await RawEnd.open(port);

    await listener.close();

    expect(await raw.closeCode()).toBe(1001);
    expect(net.listening).toBe(true);
    expect(net.listenerCount('connection')).toBe(before);
    expect(listener.port).toBe(port);
  });

  it('may be listening at a path of the file system', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'swarm-tcp-'));
    stopAfter(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'socket');
    const net = createNetServer().listen(path);
    stopAfter(() => net.close());
    await once(net, 'listening');
    const { server } = await start({ server: net });

    for (let i = 0; i < 2; i += 1) {
      const end = new RawEnd(connectNet(path));
      end.stream.write(hello());
      expect((await end.frame()).type).toBe(FRAME.welcome);
    }

    expect(server.nodes.size).toBe(2);
  });
});

describe('close', () => {
  it('of the server closes its clients with 1001, and the port', async () => {
    const { server, listener } = await start();
    const { port } = listener;
    const raw = await RawEnd.open(port);

    await server.close();

    expect(await probe(port)).toBe('ECONNREFUSED');
    expect(await raw.closeCode()).toBe(1001);
    expect(server.nodes.size).toBe(0);
  });

  it('of the listener closes the clients that came in by it, and no others', async () => {
    const { server, listener } = await start();
    const other = await listenTo(server);
    const here = await RawEnd.open(listener.port);
    const there = dial(other.url);
    await there.ready();

    await listener.close();

    expect(await here.closeCode()).toBe(1001);
    expect(server.isOpen).toBe(true);
    expect((await failure(there.send('nobody answers this'))).subtype).toBe('unhandled');
  });

  it('of the listener ends its nodes at once, however long a client takes to hang up', async () => {
    const { net, port } = await startNet();
    const { server, listener } = await start({ server: net });
    const raw = await RawEnd.open(port);
    raw.stream.allowHalfOpen = true;
    const [node] = server.nodes.values();

    await listener.close();

    expect(node?.isOpen).toBe(false);
    expect(node?.client.emit('nobody hears this')).toBe(false);
    expect(server.nodes.size).toBe(0);
  });

  it('of the listener is idempotent, and leaves its port readable', async () => {
    const { listener } = await start();
    const { port } = listener;

    await Promise.all([listener.close(), listener.close()]);
    await listener.close();

    expect(await probe(port)).toBe('ECONNREFUSED');
    expect(listener.port).toBe(port);
  });

  it('is not heard of by the server any more after a listener has closed', async () => {
    let listening = 0;
    const on = () => {
      listening += 1;
      return () => {
        listening -= 1;
      };
    };
    const events = { on, emit: () => {} };
    const server = { limits: LIMITS, isOpen: true, events, createNode: async () => {} };
    const listener = await listen(server, { host: '127.0.0.1' });
    expect(listening).toBe(1);

    await listener.close();

    expect(listening).toBe(0);
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

  it('does not wait for a connection that has not said hello', async () => {
    const { listener, url } = await start();
    const silent = await RawEnd.connect(listener.port);
    const half = await RawEnd.connect(listener.port);
    half.stream.write(hello().subarray(0, 10));
    // Both are accepted when a later connection has been let in.
    await dial(url).ready();

    await listener.close();

    await Promise.all([silent.closed, half.closed]);
  });

  it('refuses with 503 who still waits to be accepted', async () => {
    const [asked, never] = [gate(), new Promise<undefined>(() => {})];
    const { listener } = await start({
      accept: () => {
        asked.open();
        return never;
      },
    });
    const raw = await RawEnd.connect(listener.port);
    raw.stream.write(hello());
    await asked.promise;

    await listener.close();

    expect(await raw.status()).toBe(503);
  });
});

/** The server behind a listener, which shows it to nobody. */
function portOfOurs(port: number): NetServer {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
  for (const handle of handles()) {
    if (!(handle instanceof NetServer)) continue;
    const address = handle.address();
    if (typeof address === 'object' && address?.port === port) return handle;
  }
  throw new Error('there is no such server');
}
