import { once } from 'node:events';
import { connect, type Socket as Stream } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FRAME, frameOf } from '../src/frame.ts';
import { Lobby } from '../src/lobby.ts';
import { dial, HOST, next, startEcho, startNet, stopAfter } from './fixture.ts';
import { hello, jsonFrame, RawEnd, rawFrame, refusedWith } from './raw.ts';

const ASK = { type: 'request', correlationId: 'first', name: 'echo', args: [1] };
const ANSWER = { type: 'response', correlationId: 'first', result: 1 };

describe('a hello', () => {
  it('may come byte by byte, with the first frames behind it', async () => {
    const { listener } = await startEcho();
    const raw = await RawEnd.connect(listener.port);

    for (const byte of Buffer.concat([hello(), jsonFrame(ASK)])) {
      raw.stream.write(Buffer.from([byte]));
      await nextTurn();
    }

    expect((await raw.frame()).type).toBe(FRAME.welcome);
    expect(await raw.json()).toMatchObject({ type: 'init' });
    expect(await raw.json()).toEqual(ANSWER);
  });

  it('chooses the dialect', async () => {
    const { listener } = await startEcho();
    const types: number[] = [];
    for (const dialect of ['swarm.json', 'swarm.1']) {
      const raw = await RawEnd.connect(listener.port);
      raw.stream.write(hello({ dialect }));
      expect((await raw.frame()).type).toBe(FRAME.welcome);
      types.push((await raw.frame()).type);
    }

    expect(types).toEqual([FRAME.text, FRAME.bytes]);
  });

  it('may say what later versions have to say', async () => {
    const { listener } = await startEcho();

    await RawEnd.open(listener.port, { later: { things: [1] } });
  });

  it.each<[string, number, Buffer]>([
    ['of a dialect nobody speaks', 406, hello({ dialect: 'swarm.9' })],
    ['of a dialect that is a prototype’s', 406, hello({ dialect: 'constructor' })],
    ['without a dialect', 400, hello({ dialect: undefined })],
    ['whose dialect is no text', 400, hello({ dialect: 1 })],
    ['whose URL is no text', 400, hello({ url: {} })],
    ['whose headers are a list', 400, hello({ headers: ['a'] })],
    ['with a header that is no text', 400, hello({ headers: { a: 1 } })],
    ['that is no JSON', 400, frameOf(FRAME.hello, '{"dialect":')],
    ['that is null', 400, frameOf(FRAME.hello, 'null')],
    ['that is a list', 400, frameOf(FRAME.hello, '[]')],
    ['nested without end', 400, frameOf(FRAME.hello, '['.repeat(8_000))],
    ['that is not UTF-8', 400, rawFrame(FRAME.hello, Buffer.from([0x22, 0xff, 0x22]))],
    ['over 8 KiB', 400, hello({ headers: { a: 'x'.repeat(8_192) } })],
    ['of length 0', 400, Buffer.alloc(4)],
    ['that is a message', 400, jsonFrame({ dialect: 'swarm.1' })],
    ['that is a ping', 400, rawFrame(FRAME.ping, Buffer.alloc(0))],
    ['that is HTTP', 400, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['that is TLS', 400, Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])],
  ])('%s is refused with %i, and others come in', async (_what, status, bytes) => {
    const { server, listener, url } = await startEcho();
    const refused = next(server.events, 'refused');

    expect(await refusedWith(listener.port, bytes)).toBe(status);

    expect((await refused)[0]).toMatchObject({ status });
    expect(server.nodes.size).toBe(0);
    expect(await dial(url).send('echo', 2)).toBe(2);
  });

  it('of exactly 8 KiB is taken', async () => {
    const { listener } = await startEcho();
    const bare = hello({ headers: { a: '' } }).length - 5;

    await RawEnd.open(listener.port, { headers: { a: 'x'.repeat(8_192 - bare) } });
  });

  it('that is the second one closes its sender', async () => {
    const { listener } = await startEcho();
    const raw = await RawEnd.open(listener.port);

    raw.stream.write(hello());

    expect(await raw.closeCode()).toBe(1002);
  });

  it('that is refused arrives as that, however much was sent behind it', async () => {
    const { listener } = await startEcho();

    const bytes = Buffer.concat([hello({ dialect: 'none' }), Buffer.alloc(2_000_000)]);

    expect(await refusedWith(listener.port, bytes)).toBe(406);
  });
});

describe('who is refused and hangs up', () => {
  it('is gone at once, whatever it has sent besides', async () => {
    // Whoever does not hang up is waited for: not here.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stopAfter(() => vi.useRealTimers());
    const { net, port } = await startNet();
    await startEcho({ server: net });
    const before = vi.getTimerCount();
    const accepted: Promise<Stream[]> = once(net, 'connection');
    const raw = await RawEnd.connect(port);
    const [stream] = await accepted;
    if (stream === undefined) throw new Error('nobody connected');
    const closed = once(stream, 'close');

    raw.stream.write(Buffer.concat([hello({ dialect: 'none' }), Buffer.alloc(1_000)]));

    expect(await raw.status()).toBe(406);
    await closed;
    expect(vi.getTimerCount()).toBe(before);
  });
});

describe('who connects and does not say hello', () => {
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['half of one', hello().subarray(0, -1)],
    ['half of a length', Buffer.from([0, 0])],
  ])('but %s is ended by the server', async (_what, bytes) => {
    const { listener, url } = await startEcho({ handshakeTimeoutMs: 30 });
    const raw = await RawEnd.connect(listener.port);

    raw.stream.write(bytes);
    await raw.closed;

    expect(await dial(url).send('echo', 1)).toBe(1);
  });

  it('is not ended once it has said it, however long it is silent then', async () => {
    const { server, listener } = await startEcho({ handshakeTimeoutMs: 30 });
    const raw = await RawEnd.open(listener.port);

    const silent = await RawEnd.connect(listener.port);
    await silent.closed;
    const later = await RawEnd.connect(listener.port);
    await later.closed;

    raw.send(ASK);
    expect(await raw.json()).toEqual(ANSWER);
    expect(server.nodes.size).toBe(1);
  });

  it('makes room for those who do, the oldest first', async () => {
    const { server, listener, url } = await startEcho({}, { limits: { pendingConnectionsMax: 2 } });
    const silent = await RawEnd.connect(listener.port);
    const [second, third] = [
      await RawEnd.connect(listener.port),
      await RawEnd.connect(listener.port),
    ];

    await silent.closed;
    expect(await dial(url).send('echo', 1)).toBe(1);
    await second.closed;
    third.stream.write(hello());

    expect((await third.frame()).type).toBe(FRAME.welcome);
    expect(server.nodes.size).toBe(2);
  });
});

describe('the lobby', () => {
  it('forgets who hangs up, and who leaves', async () => {
    const { port, net } = await startNet();
    const lobby = new Lobby(10, 60_000);
    stopAfter(() => lobby.close());
    const entered = new Promise<void>((resolve) => {
      net.on('connection', (stream) => {
        lobby.enter(stream, stream.resume());
        if (lobby.size === 3) resolve();
      });
    });
    const [stays, resets, hangsUp] = await Promise.all([
      RawEnd.connect(port),
      RawEnd.connect(port),
      RawEnd.connect(port),
    ]);
    await entered;

    resets.stream.resetAndDestroy();
    hangsUp.stream.end();
    while (lobby.size > 1) await nextTurn();

    expect(stays.stream.destroyed).toBe(false);
    lobby.close();
    await stays.closed;
    expect(lobby.size).toBe(0);
  });

  it('says that one who left is not there, and leaves its stream alone', () => {
    const stream = connect({ port: 1, host: HOST, autoSelectFamily: false }).on('error', () => {});
    const lobby = new Lobby(10, 60_000);
    lobby.enter('name', stream);
    const before = stream.listenerCount('close');

    expect([lobby.leave('name'), lobby.leave('name')]).toEqual([true, false]);

    expect(stream.listenerCount('close')).toBe(before - 1);
    lobby.close();
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  });
});
