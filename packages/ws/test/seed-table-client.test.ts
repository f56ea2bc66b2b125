import { EventEmitter, once } from 'node:events';
import { createServer as createTcpServer, type Socket as TcpSocket } from 'node:net';
import {
  type ClientOptions,
  createClient,
  createServer,
  type Message,
  platformRuntime,
  type Runtime,
  type Socket,
  type SocketHost,
} from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, listen } from '../src/index.ts';

/** A socket whose other end is the test. */
class Dialed implements Socket {
  readonly sent: unknown[] = [];
  isClosed = false;
  #host: SocketHost | null = null;

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    this.sent.push(JSON.parse(String(message)));
  }

  close(): void {
    this.isClosed = true;
  }

  hears(frame: object): void {
    this.#host?.message(JSON.stringify(frame));
  }

  breaks(code = 1006): void {
    this.#host?.closed(code, '');
  }
}

/** A client whose connections are made, and its timers counted, by the test. */
function dialing(options: ClientOptions = {}) {
  const sockets: Dialed[] = [];
  const timers = new Set<object>();
  const runtime: Runtime = {
    ...platformRuntime,
    // The greatest chance there is: delays are as long as they may be.
    randomBytes: (length) => new Uint8Array(length).fill(255),
    setTimer: (callback, delayMs) => {
      const timer = {};
      timers.add(timer);
      const cancel = platformRuntime.setTimer(() => {
        timers.delete(timer);
        callback();
      }, delayMs);
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  };
  let wake: () => void = () => {};
  const dial = () => {
    const socket = new Dialed();
    sockets.push(socket);
    wake();
    return socket;
  };
  const client = createClient(dial, { backoffBaseMs: 1, backoffCapMs: 8, runtime, ...options });
  onTestFinished(() => client.close());
  const last = () => sockets.at(-1) ?? new Dialed();
  /** Until it has dialed so many times in all. */
  const dialed = async (times: number) => {
    while (sockets.length < times) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { client, sockets, timers, last, dialed };
}

const INIT = { type: 'init' };
const closedUnsent = { type: 'protocol', subtype: 'closed', delivered: 'no' };

describe('send before connect', () => {
  it('is sent first in, first out, once the server says `init`', () => {
    const { client, last } = dialing();

    for (const name of ['a', 'b', 'c']) client.send(name).catch(() => {});
    client.emit('d');
    expect(last().sent).toEqual([]);
    last().hears(INIT);
    client.emit('e');

    expect(last().sent).toMatchObject(['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })));
  });

  it('is bounded: what finds no room fails at once', async () => {
    const { client, last } = dialing({ limits: { waitingFramesMax: 2 } });
    const kept = [client.send('a'), client.send('b')];

    await expect(client.send('c')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'overloaded', delivered: 'no' },
    });
    expect(client.emit('d')).toBe(false);
    last().hears(INIT);
    last().hears({ type: 'response', correlationId: '1', result: 'a' });
    last().hears({ type: 'response', correlationId: '2', result: 'b' });

    await expect(Promise.all(kept)).resolves.toEqual(['a', 'b']);
  });

  it('has its time run out while it waits, and is not sent then', async () => {
    const { client, last } = dialing();

    await expect(client.with({ timeoutMs: 1 }).send('late')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'timeout', delivered: 'no' },
    });
    last().hears(INIT);

    expect(last().sent).toEqual([]);
  });

  it('survives connections that fail before they are open', async () => {
    const { client, dialed, last } = dialing();
    const answer = client.send('patient');

    last().breaks();
    await dialed(2);
    last().hears(INIT);
    last().hears({ type: 'response', correlationId: '1', result: 'heard' });

    await expect(answer).resolves.toBe('heard');
  });
});

describe('in-flight at reconnect', () => {
  it('fails at once as closed, unknown whether delivered; meanwhile nothing is kept', async () => {
    const { client, last } = dialing({ backoffBaseMs: 60_000, backoffCapMs: 60_000 });
    last().hears(INIT);
    const asked = client.send('asked');

    last().breaks();

    await expect(asked).rejects.toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    await expect(client.send('down')).rejects.toMatchObject(closedUnsent);
    expect(client.emit('down')).toBe(false);
  });

  it('queueWhileDown keeps what is asked meanwhile, and never repeats what was in flight', async () => {
    const { client, dialed, last } = dialing({ queueWhileDown: true });
    last().hears(INIT);
    const asked = client.send('asked');
    last().breaks();
    await expect(asked).rejects.toMatchObject({ subtype: 'closed' });

    client.send('down').catch(() => {});
    await dialed(2);
    last().hears(INIT);

    expect(last().sent).toMatchObject([{ name: 'down' }]);
  });
});

describe('client(url, customSocket)', () => {
  it('waits longer after every failure, up to the cap, by chance; and starts over once open', async () => {
    const { client, dialed, last } = dialing();
    const told: unknown[] = [];
    client.events.on('reconnecting', (info) => told.push(info));
    client.events.on('open', () => told.push('open'));
    client.events.on('close', (info) => told.push(info));

    for (let times = 1; times <= 5; times += 1) {
      await dialed(times);
      last().breaks();
    }
    await dialed(6);
    last().hears(INIT);
    last().breaks(1001);

    expect(told).toEqual([
      ...[1, 2, 4, 8, 8].map((delayMs, i) => ({ attempt: i + 1, delayMs })),
      ...['open', { code: 1001, reason: '' }, { attempt: 1, delayMs: 1 }],
    ]);
  });

  it('can be told when to stop', async () => {
    let left = 2;
    const reconnect = () => left-- > 0;
    const { client, dialed, last, timers } = dialing({ reconnect });
    const failed = new Promise((resolve) => client.events.on('failed', resolve));

    for (let times = 1; times <= 3; times += 1) {
      await dialed(times);
      last().breaks();
    }

    expect(await failed).toMatchObject({ subtype: 'closed' });
    expect(timers.size).toBe(0);
  });
});

describe('client.close()', () => {
  const moments: readonly [string, (house: ReturnType<typeof dialing>) => void][] = [
    ['while connecting', () => {}],
    ['while open', ({ last }) => last().hears(INIT)],
    ['while waiting to connect again', ({ last }) => last().breaks()],
    ['while connecting again', ({ last }) => last().breaks()],
  ];

  it.each(moments)(
    'is final %s: nothing is left that could connect again',
    async (when, prepare) => {
      const backoffBaseMs = when === 'while waiting to connect again' ? 60_000 : 1;
      const house = dialing({ backoffBaseMs, backoffCapMs: 60_000 });
      const { client, timers, last } = house;
      prepare(house);
      if (when === 'while connecting again') await house.dialed(2);
      const told: string[] = [];
      client.events.on('reconnecting', () => told.push('reconnecting'));
      const waiting = client.send('waiting').catch((error: unknown) => error);

      client.close();
      client.close();
      last().breaks();

      expect(timers.size).toBe(0);
      expect(told).toEqual([]);
      expect(await waiting).toMatchObject({ type: 'protocol', subtype: 'closed' });
      await expect(client.send('after')).rejects.toMatchObject(closedUnsent);
      await expect(client.ready()).rejects.toMatchObject(closedUnsent);
    },
  );

  it('is final for a custom socket that emits `close` inside close()', () => {
    class Sudden extends EventEmitter {
      send(): void {}
      close(): void {
        this.emit('close');
      }
    }
    let dials = 0;
    const dial = () => {
      dials += 1;
      return new Sudden();
    };
    const client = createClient(dial, { backoffBaseMs: 60_000, backoffCapMs: 60_000 });
    onTestFinished(() => client.close());
    const told: string[] = [];
    client.events.on('reconnecting', () => told.push('reconnecting'));

    client.close();

    expect(told).toEqual([]);
    expect(dials).toBe(1);
  });

  it('ends a WebSocket that is still connecting', async () => {
    const tcp = createTcpServer();
    onTestFinished(() => void tcp.close());
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const address = tcp.address();
    if (typeof address === 'string' || address === null) throw new TypeError('no port');
    const connected = new Promise<TcpSocket>((resolve) => tcp.once('connection', resolve));
    const client = connect(`ws://127.0.0.1:${address.port}`);
    const cable = (await connected).resume();
    const waiting = client.send('waiting');

    client.close();

    await expect(waiting).rejects.toMatchObject(closedUnsent);
    await once(
      cable.on('error', () => {}),
      'close',
    );
  });
});

describe('client(url): reconnects by itself', () => {
  it('comes back to a server that was started again on the same port', async () => {
    const first = await createServer();
    const { port } = await listen(first, { port: 0, host: '127.0.0.1' });
    const client = connect(`ws://127.0.0.1:${port}`, { backoffBaseMs: 1, backoffCapMs: 8 });
    onTestFinished(() => client.close());
    await client.ready();
    const lost = new Promise((resolve) => client.events.on('close', resolve));

    await first.close();
    await lost;
    const second = await createServer();
    onTestFinished(() => second.close());
    second.client.on('who', () => 'the second');
    await listen(second, { port, host: '127.0.0.1' });
    await client.ready();

    await expect(client.send('who')).resolves.toBe('the second');
  });
});
