import { swarmJson } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { closeFrame, FRAME } from '../src/frame.ts';
import {
  dial,
  failure,
  gate,
  next,
  record,
  type Started,
  start,
  startEcho,
  startNet,
} from './fixture.ts';
import { rawFrame, startScripted } from './raw.ts';

async function stop({ server, listener }: Started): Promise<void> {
  await server.close();
  await listener.close();
}

describe('after a loss', () => {
  it('the client tells of it, comes back, and calls succeed again', async () => {
    const first = await startEcho();
    const { port } = first.listener;
    const client = dial(first.url);
    const names = record(client);
    await client.ready();
    const closed = next(client.events, 'close');

    await stop(first);
    const [{ code, reason }] = await closed;
    const open = next(client.events, 'open');
    await startEcho({ port });
    await open;

    expect([code, reason]).toEqual([1001, 'the server is closing']);
    expect(await client.send('echo', 'again')).toBe('again');
    expect(names.slice(0, 3)).toEqual(['open', 'close', 'reconnecting']);
    expect(names.slice(3, -1)).toEqual(Array(names.length - 4).fill('reconnecting'));
    expect(names.at(-1)).toBe('open');
  });

  it('handlers of the client are still there, and attempts are counted from 1 again', async () => {
    const { net, url, streams } = await startNet();
    const { server } = await start({ server: net });
    const client = dial(url);
    client.on('who', () => 'me');
    await client.ready();

    for (let i = 0; i < 3; i += 1) {
      const [open, reconnecting] = [
        next(client.events, 'open'),
        next(client.events, 'reconnecting'),
      ];
      for (const stream of streams) stream.destroy();
      expect((await reconnecting)[0].attempt).toBe(1);
      await open;
      const [node] = server.nodes.values();
      expect(await node?.client.send('who')).toBe('me');
    }
  });

  it('what was in flight fails as `closed`/`unknown`, at either end', async () => {
    const started = await startEcho();
    const { server, url } = started;
    const client = dial(url);
    const [asked, held] = [gate(), gate()];
    server.client.on('hold', (ctx) => {
      held.open();
      return new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    });
    client.on('hold', () => {
      asked.open();
      return new Promise(() => {});
    });
    const call = failure(client.send('hold'));
    await held.promise;
    const [node] = server.nodes.values();
    const question = failure(node?.client.send('hold') ?? Promise.resolve());
    await asked.promise;

    await stop(started);

    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    expect(await question).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
  });

  it('calls fail at once as `closed`/`no` while it is down, and events are refused', async () => {
    const started = await startEcho();
    const client = dial(started.url);
    await client.ready();
    const reconnecting = next(client.events, 'reconnecting');
    await stop(started);
    await reconnecting;

    expect(await failure(client.send('echo', 1))).toMatchObject({
      subtype: 'closed',
      delivered: 'no',
    });
    expect(client.emit('echo', 1)).toBe(false);
    expect(client.isOpen).toBe(false);
  });

  it('with `queueWhileDown` they wait instead, and keep their order', async () => {
    const first = await startEcho();
    const { port } = first.listener;
    const client = dial(first.url, { queueWhileDown: true });
    await client.ready();
    const reconnecting = next(client.events, 'reconnecting');
    await stop(first);
    await reconnecting;

    const heard: unknown[] = [];
    const calls = [client.send('note', 1), client.send('note', 2)];
    expect(client.emit('note', 3)).toBe(true);
    calls.push(client.send('note', 4));
    const second = await start({ port });
    second.server.client.on('note', (_ctx, value) => heard.push(value));

    await Promise.all(calls);
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  it('a reset by the network is a loss like any other', async () => {
    const { net, url, streams } = await startNet();
    await startEcho({ server: net });
    const client = dial(url);
    await client.ready();
    const [closed, open] = [next(client.events, 'close'), next(client.events, 'open')];

    for (const stream of streams) stream.resetAndDestroy();

    expect((await closed)[0]).toEqual({ code: 1006, reason: 'read ECONNRESET' });
    await open;
    expect(await client.send('echo', 1)).toBe(1);
  });

  it('a message over the client’s limit costs the connection, and it comes back', async () => {
    const { server, url } = await startEcho();
    server.client.on('big', () => 'x'.repeat(2_000));
    const client = dial(url, { limits: { socketFrameBytesMax: 1_000 } });
    await client.ready();
    const [open, left] = [next(client.events, 'open'), next(server.events, 'left')];

    expect(await failure(client.send('big'))).toMatchObject({
      subtype: 'closed',
      delivered: 'unknown',
    });

    await open;
    expect((await left)[1]).toBe('a frame over socketFrameBytesMax');
    expect(await client.send('echo', 1)).toBe(1);
  });

  it.each([
    ['announces 50 MiB', rawFrame(FRAME.bytes, Buffer.alloc(0), 52_428_800)],
    ['breaks a rule', rawFrame(99, Buffer.alloc(0))],
    ['says that it is closing', closeFrame({ code: 1001, reason: 'closing' })],
    ['hangs up', null],
  ])('a server that %s is left, and dialed again', async (_what, bytes) => {
    const url = await startScripted((end) => {
      if (bytes === null) end.stream.end();
      else end.stream.write(bytes);
    });
    const client = dial(url, { dialect: swarmJson });

    const [[{ code }]] = await Promise.all([next(client.events, 'close'), client.ready()]);

    expect([1001, 1006]).toContain(code);
    await next(client.events, 'open');
  });

  it('a server that sends it away is not dialed again', async () => {
    const { server, url } = await start();
    const client = dial(url);
    await client.ready();
    const failed = next(client.events, 'failed');

    for (const node of server.nodes.values()) node.close(4403, 'not you');

    expect((await failed)[0]).toMatchObject({ subtype: 'forbidden', message: 'not you' });
  });
});

describe('a silent server', () => {
  it('that answers no pings either is given up, and dialed again', async () => {
    const heard: unknown[] = [];
    const url = await startScripted(async (end) => {
      for (;;) heard.push(await end.json().catch(() => new Promise(() => {})));
    });
    const client = dial(url, { pingIntervalMs: 20, dialect: swarmJson });
    await client.ready();
    const [closed, open] = [next(client.events, 'close'), next(client.events, 'open')];
    const call = failure(client.send('anybody there'));

    expect((await closed)[0].code).toBe(4408);

    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    expect(heard).toContainEqual(expect.objectContaining({ type: 'ping' }));
    await open;
  });
});
