import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FRAME } from '../src/frame.ts';
import { Heartbeat } from '../src/heartbeat.ts';
import type { TcpSocket } from '../src/socket.ts';
import { dial, gate, next, socketPair, start, stopAfter } from './fixture.ts';
import { hello, RawEnd, rawFrame } from './raw.ts';

afterEach(() => {
  vi.useRealTimers();
});

const INTERVAL_MS = 60_000;
const PONG = rawFrame(FRAME.pong, Buffer.alloc(0));

interface Watched {
  readonly heartbeat: Heartbeat;
  readonly socket: TcpSocket;
  /** When the first round is due. */
  readonly dueMs: number;
  readonly closedWith: number[];
}

/** A socket whose far end does not answer, and a heartbeat of which only we make rounds. */
async function watched(strikesMax: number): Promise<Watched> {
  const { socket } = await socketPair();
  const closedWith: number[] = [];
  socket.attach({ message() {}, closed: (code) => closedWith.push(code) });
  const heartbeat = new Heartbeat(INTERVAL_MS, strikesMax);
  stopAfter(() => heartbeat.stop());
  heartbeat.add(socket);
  return { heartbeat, socket, dueMs: performance.now() + INTERVAL_MS, closedWith };
}

describe('a round', () => {
  it('strikes who was silent, and ends who was silent so often', async () => {
    const { heartbeat, dueMs, closedWith } = await watched(2);

    // In the interval before the first round it has come in: that is not silence.
    heartbeat.round(dueMs);
    heartbeat.round(dueMs + INTERVAL_MS);
    expect(closedWith).toEqual([]);
    heartbeat.round(dueMs + 2 * INTERVAL_MS);

    expect(closedWith).toEqual([1006]);
    expect(heartbeat.sockets.size).toBe(0);
  });

  it('that comes late strikes nobody', async () => {
    const { heartbeat, dueMs, closedWith } = await watched(1);
    heartbeat.round(dueMs);

    let nowMs = dueMs;
    for (let i = 0; i < 5; i += 1) {
      nowMs += INTERVAL_MS * 1.6;
      heartbeat.round(nowMs);
    }
    expect(closedWith).toEqual([]);
    heartbeat.round(nowMs + INTERVAL_MS * 1.4);

    expect(closedWith).toEqual([1006]);
  });

  it('forgives all strikes of who is heard again, be it half of a message', async () => {
    const { heartbeat, socket, dueMs, closedWith } = await watched(2);
    for (let i = 0; i < 6; i += 1) {
      if (i % 2 === 0) socket.received(Buffer.from([i === 0 ? 0 : 1]));
      heartbeat.round(dueMs + i * INTERVAL_MS);
    }

    expect(closedWith).toEqual([]);
  });
});

describe('the timer', () => {
  /** A connection that has ended says so a few turns later. */
  async function noTimer(): Promise<void> {
    for (let turns = 0; turns < 100 && vi.getTimerCount() > 0; turns += 1) await nextTurn();
    expect(vi.getTimerCount()).toBe(0);
  }

  it('is one for all sockets, and none while there are none', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [a, b] = [await socketPair(), await socketPair()];
    const heartbeat = new Heartbeat(INTERVAL_MS, 2);

    expect(vi.getTimerCount()).toBe(0);
    heartbeat.add(a.socket);
    heartbeat.add(b.socket);
    expect(vi.getTimerCount()).toBe(1);
    heartbeat.remove(a.socket);
    expect(vi.getTimerCount()).toBe(1);
    heartbeat.remove(b.socket);
    expect(vi.getTimerCount()).toBe(0);
    heartbeat.add(a.socket);
    expect(vi.getTimerCount()).toBe(1);
    a.socket.terminate('enough');

    expect(vi.getTimerCount()).toBe(0);
  });

  it('of a listener is gone with its clients, whoever closes them', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { server, listener, url } = await start({ accept: ({ url }) => ({ id: url }) });
    const leaves = dial(`${url}/leaves`);
    await leaves.ready();
    await dial(`${url}/sent-away`).ready();
    const resets = await RawEnd.open(listener.port, { url: '/resets' });
    const gone = gate();
    server.events.on('left', () => {
      if (server.nodes.size === 0) gone.open();
    });
    expect(vi.getTimerCount()).toBe(1);

    leaves.close();
    resets.stream.resetAndDestroy();
    server.nodes.get('/sent-away')?.close();
    await gone.promise;
    await noTimer();

    await dial(`${url}/later`).ready();
    expect(vi.getTimerCount()).toBe(1);
    await server.close();
    await listener.close();
    await noTimer();
  });

  it('is gone with a client for whom no node could be made', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { listener } = await start({ accept: () => ({ id: '' }) });
    const raw = await RawEnd.connect(listener.port);
    raw.stream.write(hello());

    expect(await raw.closeCode()).toBe(1011);
    await raw.closed;
    await noTimer();
  });
});

describe('a client', () => {
  it('that answers nothing is ended after the strikes, and its node closes', async () => {
    const { server, listener } = await start({ heartbeatMs: 20, heartbeatStrikesMax: 2 });
    const raw = await RawEnd.open(listener.port);
    const [node] = server.nodes.values();
    const closed = gate<number>();
    node?.events.on('close', (code) => closed.open(code));

    const types: number[] = [];
    for (;;) {
      const frame = await raw.frame().catch(() => null);
      if (frame === null) break;
      types.push(frame.type);
    }

    expect(await closed.promise).toBe(1006);
    // One for each strike, more if a round was late, and no goodbye to the dead.
    expect(types.length).toBeGreaterThanOrEqual(2);
    expect(new Set(types)).toEqual(new Set([FRAME.ping]));
    expect(server.nodes.size).toBe(0);
  });

  it('that answers with pongs stays', async () => {
    const { server, listener } = await start({ heartbeatMs: 50, heartbeatStrikesMax: 2 });
    const raw = await RawEnd.open(listener.port);

    for (let i = 0; i < 5; i += 1) {
      expect((await raw.frame()).type).toBe(FRAME.ping);
      raw.stream.write(PONG);
    }

    expect(server.nodes.size).toBe(1);
  });

  it('that sends messages of its own stays', async () => {
    const { server, listener } = await start({ heartbeatMs: 50, heartbeatStrikesMax: 2 });
    const raw = await RawEnd.open(listener.port);

    for (let pings = 0; pings < 5; ) {
      const { type } = await raw.frame();
      if (type !== FRAME.ping) continue;
      pings += 1;
      raw.send({ type: 'ping', correlationId: pings });
    }

    expect(server.nodes.size).toBe(1);
  });

  it('of ours answers by itself', async () => {
    const { server, listener, url } = await start({ heartbeatMs: 50, heartbeatStrikesMax: 2 });
    const client = dial(url);
    await client.ready();
    const ended = next(client.events, 'close').then(() => 'ended');

    // A client that never answers, made later, is ended first.
    const raw = await RawEnd.open(listener.port);
    await raw.closed;

    expect(await Promise.race([ended, Promise.resolve('stayed')])).toBe('stayed');
    expect(server.nodes.size).toBe(1);
  });
});
