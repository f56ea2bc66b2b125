import { describe, expect, it } from 'vitest';
import type { Message } from '../src/index.ts';
import { Dialer } from './dialer.ts';
import { FakeRuntime } from './runtime.ts';
import { ending } from './world.ts';

describe('a line that is lost', () => {
  it('settles what was in flight, fails meanwhile, and goes on when it is back', async () => {
    const dialer = new Dialer();
    const { client } = dialer;
    dialer.open();
    const flying = ending(client.send('x'));

    dialer.socket.close(1006, '');
    expect(await flying).toBe('closed/unknown');
    expect(await ending(client.send('x'))).toBe('closed/no');
    expect(client.emit('x')).toBe(false);

    await dialer.redialed();
    dialer.open();
    const asked = client.send('y');
    dialer.receive({ type: 'response', correlationId: '1', result: 'y' });
    expect(await asked).toBe('y');
    expect(dialer.log).toEqual(['open', 'close 1006', 'reconnecting 1', 'open']);
    client.close();
  });

  it('queues meanwhile where it was told to', async () => {
    const dialer = new Dialer({ queueWhileDown: true });
    dialer.open();
    dialer.socket.close(1006, '');
    const asked = dialer.client.send('x');
    dialer.client.emit('y');

    await dialer.redialed();
    dialer.socket.close(1006, '');
    await dialer.redialed();
    dialer.open();
    dialer.receive({ type: 'response', correlationId: '1', result: 'x' });

    expect(await asked).toBe('x');
    expect(dialer.sent).toMatchObject([{ name: 'x' }, { name: 'y' }]);
    dialer.client.close();
  });

  it('keeps what waits for its first opening over any number of sockets', async () => {
    const dialer = new Dialer();
    const asked = dialer.client.with({ timeoutMs: 3_600_000 }).send('x');
    for (let i = 0; i < 3; i += 1) {
      dialer.socket.close(1006, 'refused');
      await dialer.redialed();
    }

    dialer.open();
    dialer.receive({ type: 'response', correlationId: '1', result: 'x' });

    expect(await asked).toBe('x');
    expect(dialer.log).toEqual([...['reconnecting 1', 'reconnecting 2', 'reconnecting 3', 'open']]);
    dialer.client.close();
  });

  it('hears nothing more of a socket it has given up', async () => {
    const dialer = new Dialer();
    dialer.open();
    const old = dialer.socket;
    const heard: Message[] = [];
    dialer.client.on('late', () => void heard.push('late'));
    old.closedWith = null;
    old.close(1006, '');
    await dialer.redialed();
    dialer.open();

    old.closedWith = null;
    old.arrive('{"type":"event","name":"late"}');
    old.close(1006, 'again');

    expect(heard).toEqual([]);
    expect(dialer.client.isOpen).toBe(true);
    dialer.client.close();
  });

  it('counts a dial that throws as an attempt', async () => {
    const dialer = new Dialer();
    dialer.open();
    dialer.onDial = () => {
      throw new Error('no network');
    };
    dialer.socket.close(1006, '');
    await dialer.redialed();
    dialer.onDial = () => {};
    await dialer.redialed();
    dialer.open();

    expect(dialer.log).toEqual([
      ...['open', 'close 1006', 'reconnecting 1', 'reconnecting 2', 'open'],
    ]);
    dialer.client.close();
  });
});

describe('a line that is dialed again', () => {
  it('waits a random time up to a bound that doubles, and is capped', async () => {
    const delays: { readonly delayMs: number; readonly boundMs: number }[] = [];
    for (let seed = 0; seed < 50; seed += 1) {
      const dialer = new Dialer(
        { backoffBaseMs: 100, backoffCapMs: 1_000 },
        new FakeRuntime({ seed }),
      );
      const { events } = dialer.client;
      events.on('reconnecting', ({ attempt, delayMs }) => {
        delays.push({ delayMs, boundMs: Math.min(1_000, 100 * 2 ** (attempt - 1)) });
      });
      for (let i = 0; i < 7; i += 1) {
        dialer.socket.close(1006, '');
        await dialer.redialed();
      }
      dialer.client.close();
      expect(dialer.runtime.timers).toBe(0);
    }
    for (const { delayMs, boundMs } of delays) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(boundMs);
    }
    expect(delays).toHaveLength(50 * 7);
    expect(Math.max(...delays.map(({ delayMs }) => delayMs))).toBeGreaterThan(900);
    expect(new Set(delays.map(({ delayMs }) => delayMs)).size).toBeGreaterThan(100);
  });

  it('begins with the shortest bound again after it was open', async () => {
    const dialer = new Dialer({ backoffBaseMs: 10 });
    const delays: number[] = [];
    dialer.client.events.on('reconnecting', ({ delayMs }) => delays.push(delayMs));
    for (let i = 0; i < 8; i += 1) {
      dialer.socket.close(1006, '');
      await dialer.redialed();
    }
    dialer.open();

    dialer.socket.close(1006, '');

    expect(dialer.log.at(-1)).toBe('reconnecting 1');
    expect(delays.at(-1)).toBeLessThanOrEqual(10);
    dialer.client.close();
  });

  it('is not dialed again when it was sent away for good', () => {
    for (const code of [1000, 1008, 4000, 4401, 4403, 4409]) {
      const dialer = new Dialer();
      dialer.open();
      dialer.socket.close(code, '');
      expect(dialer.log).toEqual(['open', `close ${code}`, 'failed']);
      expect(dialer.runtime.timers).toBe(0);
    }
    for (const code of [1001, 1006, 1009, 1011, 1012, 1013, 4408]) {
      const dialer = new Dialer();
      dialer.open();
      dialer.socket.close(code, '');
      expect(dialer.log.at(-1)).toBe('reconnecting 1');
      dialer.client.close();
    }
  });

  it('asks the application where that decides, but not after a goodbye', () => {
    const asked: unknown[] = [];
    const reconnect = (code: number, reason: string) => {
      asked.push([code, reason]);
      return code === 4000;
    };
    const [back, away, bye] = [1, 2, 3].map(() => new Dialer({ reconnect }));
    const never = new Dialer({ reconnect: false });
    const always = new Dialer({ reconnect: true });
    for (const dialer of [back, away, bye, never, always]) dialer?.open();

    back?.socket.close(4000, 'come back');
    away?.socket.close(1006, '');
    bye?.receive({ type: 'close', code: 4000, reason: 'bye' });
    never?.socket.close(1006, '');
    always?.socket.close(1006, '');

    expect(asked).toEqual([
      [4000, 'come back'],
      [1006, ''],
    ]);
    const last = [back, away, bye, never, always].map((dialer) => dialer?.log.at(-1));
    expect(last).toEqual(['reconnecting 1', 'failed', 'failed', 'failed', 'reconnecting 1']);
    back?.client.close();
    always?.client.close();
  });
});

describe('a line with a backlog at its opening', () => {
  it('is lost like any other when what waited does not fit', async () => {
    const dialer = new Dialer({ limits: { socketBacklogBytesMax: 100 } });
    const { client, runtime } = dialer;
    const asked = [1, 2, 3].map((i) => ending(client.send('x', i)));
    const { socket } = dialer;
    socket.send = (message) => {
      socket.sent.push(message);
      socket.bufferedBytes += 80;
    };

    dialer.open();
    await runtime.settle();

    expect(socket.closedWith).toMatchObject({ code: 1013 });
    expect(socket.sent).toHaveLength(2);
    const late = new Promise((resolve) => setImmediate(() => resolve('pending')));
    expect(await Promise.race([asked[0], late])).toBe('closed/unknown');
    expect(client.isOpen).toBe(false);

    await dialer.redialed();
    dialer.open();
    const again = client.send('y');
    dialer.receive({ type: 'response', correlationId: '1', result: 'y' });
    expect(await Promise.race([again, late])).toBe('y');
    client.close();
    expect(runtime.timers).toBe(0);
  });
});
