import { describe, expect, it } from 'vitest';
import {
  dial,
  failure,
  gate,
  next,
  record,
  type Started,
  start,
  startHttp,
  startScripted,
} from './fixture.ts';

async function startEcho(port = 0): Promise<Started> {
  const started = await start({ port });
  started.server.client.on('echo', (_ctx, value) => value);
  return started;
}

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
    const [{ code }] = await closed;
    const open = next(client.events, 'open');
    await startEcho(port);
    await open;

    expect(code).toBe(1001);
    expect(await client.send('echo', 'again')).toBe('again');
    expect(names.slice(0, 3)).toEqual(['open', 'close', 'reconnecting']);
    expect(names.slice(3, -1)).toEqual(Array(names.length - 4).fill('reconnecting'));
    expect(names.at(-1)).toBe('open');
  });

  it('handlers of the client are still there, and attempts are counted from 1 again', async () => {
    const { http, url, streams } = await startHttp();
    const { server } = await start({ server: http });
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
    const { http, url, streams } = await startHttp();
    const { server } = await start({ server: http });
    server.client.on('echo', (_ctx, value) => value);
    const client = dial(url);
    await client.ready();
    const [closed, open] = [next(client.events, 'close'), next(client.events, 'open')];

    for (const stream of streams) stream.resetAndDestroy();

    expect((await closed)[0].code).toBe(1006);
    await open;
    expect(await client.send('echo', 1)).toBe(1);
  });

  it('a message over the client’s limit costs the connection, and it comes back', async () => {
    const { server, url } = await startEcho();
    server.client.on('big', () => 'x'.repeat(2_000));
    const client = dial(url, { limits: { socketFrameBytesMax: 1_000 } });
    await client.ready();
    const open = next(client.events, 'open');

    expect(await failure(client.send('big'))).toMatchObject({
      subtype: 'closed',
      delivered: 'unknown',
    });

    await open;
    expect(await client.send('echo', 1)).toBe(1);
  });
});

describe('a server that announces too much', () => {
  it('is left before it has sent it', async () => {
    // The header of a message of 50 MiB, and nothing more.
    const header = Buffer.from([0x81, 0x7f, 0, 0, 0, 0, 3, 0x20, 0, 0]);
    const url = await startScripted((_ws, stream) => stream.write(header));
    const client = dial(url);

    const [[{ code }]] = await Promise.all([next(client.events, 'close'), client.ready()]);

    expect(code).not.toBe(4408);
    await next(client.events, 'open');
  });
});

describe('a silent server', () => {
  it('that answers no pings either is given up, and dialed again', async () => {
    const heard: string[] = [];
    const url = await startScripted((ws) => {
      ws.on('message', (data) => heard.push(JSON.parse(String(data)).type));
    });
    const client = dial(url, { pingIntervalMs: 20 });
    await client.ready();
    const [closed, open] = [next(client.events, 'close'), next(client.events, 'open')];
    const call = failure(client.send('anybody there'));

    expect((await closed)[0].code).toBe(4408);

    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    expect(heard).toContain('ping');
    await open;
  });

  it('that answers pings is kept, however long', async () => {
    const [enough, pings] = [gate(), { count: 0 }];
    const url = await startScripted((ws) => {
      ws.on('message', (data) => {
        const { correlationId } = JSON.parse(String(data));
        ws.send(JSON.stringify({ type: 'pong', correlationId }));
        pings.count += 1;
        if (pings.count === 12) enough.open();
      });
    });
    const client = dial(url, { pingIntervalMs: 10 });
    const names = record(client);

    await enough.promise;

    expect(names).toEqual(['open']);
  });
});
