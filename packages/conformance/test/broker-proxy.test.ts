import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { HOST, reservePort } from '../src/broker/port.ts';
import {
  type Broker,
  type FaultProxy,
  proxyTo,
  requireBroker,
  startBroker,
} from '../src/brokers.ts';
import { exchange, refusalOf, type Talk, talkTo } from './broker-talk.ts';

const HOUR_MS = 3_600_000;
const MORE_THAN_KERNELS_HOLD = 128 * 1_048_576;

describe.runIf(requireBroker('redis'))('a proxy with faults', () => {
  let broker: Broker;
  let proxy: FaultProxy;
  /** Through the proxy, and past it. */
  let talk: Talk;
  let direct: Talk;

  beforeAll(async () => {
    broker = await startBroker('redis');
  });

  afterAll(() => broker.stop());

  beforeEach(async () => {
    proxy = await proxyTo(broker.port);
    onTestFinished(() => proxy.close());
    talk = await talkTo(proxy.port);
    direct = await talkTo(broker.port);
    await exchange(talk, 1);
    direct.say('FLUSHALL');
    await direct.hear();
  });

  it('without any lets everything pass, below the ports of outgoing connections', async () => {
    await exchange(talk);

    expect(proxy.url('redis')).toBe(`redis://127.0.0.1:${proxy.port}`);
    expect(proxy.port).toBeLessThan(32_768);
    expect(proxy.connections).toBe(1);
  });

  it('carries more than it holds, unchanged and in order', async () => {
    const value = Array.from({ length: 400_000 }, (_, index) => `${index}.`).join('');
    proxy.delay(1);

    talk.say(`*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$${value.length}\r\n${value}`);
    talk.say('GET key');

    expect(await talk.hear()).toBe('+OK');
    expect(await talk.hear()).toBe(`$${value.length}`);
    expect(await talk.hear()).toBe(value);
  });

  it('waits for a slow reader, and loses nothing', async () => {
    const [value, times] = ['0'.repeat(1_048_576), 50];
    talk.say(`SET key ${value.slice(0, 60_000)}`);
    expect(await talk.hear()).toBe('+OK');
    talk.say(`SETRANGE key ${value.length - 1} 0`);
    expect(await talk.hear()).toBe(`:${value.length}`);
    const reader = connect(proxy.port, HOST).pause();
    onTestFinished(() => {
      reader.destroy();
    });

    reader.write('GET key\r\n'.repeat(times));
    await exchange(direct, 1_000);
    direct.say('CLIENT LIST');
    await direct.hear();
    // The broker holds what the proxy does not.
    expect(await direct.hear()).toMatch(/ omem=[1-9]/);
    let bytesLeft = times * `$${value.length}\r\n${value}\r\n`.length;
    for await (const bytes of reader) {
      bytesLeft -= bytes.length;
      if (bytesLeft <= 0) break;
    }

    expect(bytesLeft).toBe(0);
  });

  it('holds no more than that: the rest waits with the sender', async () => {
    proxy.delay(HOUR_MS);
    const sender = connect(proxy.port, HOST);
    const closed = new Promise((resolve) => {
      sender.on('error', resolve);
    });
    let isSent = false;

    sender.write(Buffer.alloc(MORE_THAN_KERNELS_HOLD), (error) => {
      isSent = !error;
    });
    await exchange(direct, 2_000);
    proxy.cut();
    await closed;

    expect(isSent).toBe(false);
  });

  it('delays, what is on its way too', async () => {
    proxy.delay(HOUR_MS);
    talk.say('PING');
    await exchange(direct);
    expect(talk.unheard).toEqual([]);

    proxy.delay(1);

    expect(await talk.hear()).toBe('+PONG');
  });

  it('delays what the broker sends, too', async () => {
    await subscribe(talk, 'news');
    proxy.delay(HOUR_MS);

    expect(await ask(direct, 'PUBLISH news hello')).toBe(':1');
    await exchange(direct);
    expect(talk.unheard).toEqual([]);

    proxy.delay(0);
    expect(await talk.hear()).toBe('*3');
  });

  it('delays the end of a connection as well', async () => {
    proxy.delay(HOUR_MS);
    talk.say('QUIT');
    await exchange(direct);
    expect(proxy.connections).toBe(1);

    proxy.delay(0);

    expect(await talk.hear()).toBe('+OK');
    expect(await talk.ended).toBe(null);
  });

  it('drops in both directions, on connections old and new, until it passes again', async () => {
    proxy.drop();
    const later = await talkTo(proxy.port);
    for (const { say } of [talk, later]) say('INCR key');
    await exchange(direct);
    expect(await ask(direct, 'EXISTS key')).toBe(':0');
    expect([...talk.unheard, ...later.unheard]).toEqual([]);
    expect(proxy.connections).toBe(2);

    await proxy.pass();

    expect([await talk.hear(), await later.hear()].sort()).toEqual([':1', ':2']);
  });

  it('drops what is on its way', async () => {
    proxy.delay(HOUR_MS);
    talk.say('INCR key');
    await exchange(direct);
    proxy.drop();
    proxy.delay(0);
    await exchange(direct);

    expect(await ask(direct, 'EXISTS key')).toBe(':0');
  });

  it('drops towards the broker only: what it sends arrives', async () => {
    await subscribe(talk, 'news');

    proxy.dropToBroker();
    talk.say('UNSUBSCRIBE news');

    expect(await ask(direct, 'PUBLISH news hello')).toBe(':1');
    for (const line of ['*3', '$7', 'message', '$4', 'news', '$5', 'hello']) {
      expect(await talk.hear()).toBe(line);
    }
  });

  it('drops towards the client only: what it asked for is done, the answer lost with the cut', async () => {
    proxy.dropToClient();
    talk.say('INCR key');
    await expect.poll(() => ask(direct, 'EXISTS key')).toBe(':1');
    proxy.cut();

    expect(await talk.ended).toBe('ECONNRESET');
    expect(talk.unheard).toEqual([]);
  });

  it('cuts by a reset, and lets new connections pass', async () => {
    const other = await talkTo(proxy.port);

    proxy.cut();

    expect(proxy.connections).toBe(0);
    expect(await talk.ended).toBe('ECONNRESET');
    expect(await other.ended).toBe('ECONNRESET');
    await exchange(await talkTo(proxy.port));
  });

  it('leaves no socket behind when it cuts what is being ended', async () => {
    const other = await talkTo(proxy.port);
    proxy.delay(HOUR_MS);
    other.say('PING');
    other.end();
    await exchange(direct, 1_000);

    // Both move at once: the end towards the broker has begun, and not got anywhere.
    const passed = proxy.pass();
    proxy.cut();
    await passed;
    await exchange(direct, 100);

    expect(lostSockets()).toBe(0);
  });

  it('loses by a cut what is on its way', async () => {
    proxy.delay(HOUR_MS);
    talk.say('INCR key');
    await exchange(direct);

    proxy.cut();
    await proxy.pass();

    await exchange(direct);
    expect(await ask(direct, 'EXISTS key')).toBe(':0');
  });

  it('refuses new connections, and those there are go on', async () => {
    proxy.refuse();
    expect(await refusalOf(proxy.port)).toBe('ECONNREFUSED');
    await exchange(talk);

    await proxy.pass();

    await exchange(await talkTo(proxy.port));
  });

  it('passes the end of a connection on, from either side', async () => {
    const other = await talkTo(proxy.port);
    other.say('QUIT');
    expect(await other.hear()).toBe('+OK');
    expect(await other.ended).toBe(null);

    talk.end();
    expect(await talk.ended).toBe(null);

    await expect.poll(() => proxy.connections).toBe(0);
  });

  it('passes the end of one half on, and the other half stays', async () => {
    const toServer = await proxyToServer((socket) => {
      socket.resume().on('end', () => socket.end('farewell\r\n'));
    });
    const talk = await talkTo(toServer.port);

    talk.end();

    expect(await talk.hear()).toBe('farewell');
    expect(await talk.ended).toBe(null);
  });

  it('does the same from the other side', async () => {
    const heard: string[] = [];
    const toServer = await proxyToServer((socket) => {
      socket.end('farewell\r\n').on('data', (bytes) => heard.push(bytes.toString()));
    });
    const talk = await talkTo(toServer.port, { allowHalfOpen: true });
    expect(await talk.hear()).toBe('farewell');
    await exchange(direct);

    talk.say('and to you');

    await expect.poll(() => heard).toEqual(['and to you\r\n']);
  });

  it('resets a connection when there is no broker', async () => {
    const toNobody = await proxyTo(await freedPort());
    onTestFinished(() => toNobody.close());

    const lonely = await talkTo(toNobody.port);

    expect(await lonely.ended).toBe('ECONNRESET');
  });

  it('keeps the death of the broker to itself while it drops', async () => {
    const mortal = await startBroker('redis');
    onTestFinished(() => mortal.stop());
    const toMortal = await proxyTo(mortal.port);
    onTestFinished(() => toMortal.close());
    const [held, witness] = [await talkTo(toMortal.port), await talkTo(mortal.port)];
    await exchange(held, 1);

    toMortal.drop();
    await mortal.kill();
    await witness.ended;
    await exchange(direct);
    expect(toMortal.connections).toBe(1);

    await toMortal.pass();
    await held.ended;
  });

  it('keeps the death of a client to itself while it drops', async () => {
    await subscribe(talk, 'news');

    proxy.dropToBroker();
    talk.reset();
    await exchange(direct);
    expect(await ask(direct, 'PUBLISH news hello')).toBe(':1');
    await exchange(direct);
    expect(proxy.connections).toBe(1);
    await proxy.pass();

    await expect.poll(() => ask(direct, 'PUBLISH news hello')).toBe(':0');
    await expect.poll(() => proxy.connections).toBe(0);
  });

  it('closes for good', async () => {
    await Promise.all([proxy.close(), proxy.close()]);

    expect(await talk.ended).toBe('ECONNRESET');
    expect(await refusalOf(proxy.port)).toBe('ECONNREFUSED');
    await expect(proxy.pass()).rejects.toThrow(TypeError);
    const { release } = await reservePort([proxy.port, proxy.port]);
    release();
  });
});

async function subscribe(talk: Talk, channel: string): Promise<void> {
  talk.say(`SUBSCRIBE ${channel}`);
  for (const line of ['*3', '$9', 'subscribe', `$${channel.length}`, channel, ':1']) {
    expect(await talk.hear()).toBe(line);
  }
}

/** To a server that does this with connections; either half of them can be ended by itself. */
async function proxyToServer(serve: (socket: Socket) => void): Promise<FaultProxy> {
  const port = await freedPort();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // The proxy resets it in the end.
    serve(socket.on('error', () => {}));
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  const proxy = await proxyTo(port);
  onTestFinished(async () => {
    server.close();
    await proxy.close();
  });
  return proxy;
}

/** What has an answer of one line. */
async function ask(talk: Talk, question: string): Promise<string> {
  talk.say(question);
  return await talk.hear();
}

/** One that nobody listens on. */
async function freedPort(): Promise<number> {
  const { port, release } = await reservePort();
  release();
  return port;
}

/** Sockets that are gone for the program, and that Node has not let go. */
function lostSockets(): number {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
  return handles().filter((handle) => handle instanceof Socket && handle.destroyed).length;
}
