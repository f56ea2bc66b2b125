import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Heartbeat } from '../src/heartbeat.ts';
import type { WsSocket } from '../src/socket.ts';
import { dial, gate, next, openPlain, socketPair, start, stopAfter } from './fixture.ts';
import { OPCODE, RawClient, rawFrame } from './raw.ts';

afterEach(() => {
  vi.useRealTimers();
});

const INTERVAL_MS = 60_000;

interface Watched {
  readonly heartbeat: Heartbeat;
  readonly socket: WsSocket;
  /** When the first round is due. */
  readonly dueMs: number;
  readonly closedWith: number[];
}

/** A socket whose far end does not answer, and a heartbeat of which only we make rounds. */
async function watched(strikesMax: number): Promise<Watched> {
  const { socket, far } = await socketPair();
  far.pause();
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

  it('forgives all strikes of who is heard again', async () => {
    const { heartbeat, socket, dueMs, closedWith } = await watched(2);
    for (let i = 0; i < 6; i += 1) {
      if (i % 2 === 0) socket.heard('anything');
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
    const { server, listener, url } = await start();
    const [leaves, resets, isSentAway] = [
      dial(url),
      await RawClient.open(listener.port),
      dial(url),
    ];
    await Promise.all([leaves.ready(), isSentAway.ready()]);
    const gone = gate();
    server.events.on('left', () => {
      if (server.nodes.size === 0) gone.open();
    });
    expect(vi.getTimerCount()).toBe(1);

    leaves.close();
    resets.socket.resetAndDestroy();
    const [node] = [...server.nodes.values()].slice(-1);
    const failed = next(isSentAway.events, 'failed');
    node?.close();
    await Promise.all([gone.promise, failed]);

    await dial(url).ready();
    expect(vi.getTimerCount()).toBe(1);
    await server.close();
    await listener.close();
    await noTimer();
  });

  it('is gone with a client for whom no node could be made', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { url } = await start({ accept: () => ({ id: '' }) });
    const ws = await openPlain(url);
    await once(ws, 'close');

    // The server has seen the end too when a later connection is answered.
    await fetch(url.replace('ws:', 'http:'));
    await noTimer();
  });
});

describe('a client', () => {
  it('that answers nothing is ended after the strikes, and its node closes', async () => {
    const { server, listener } = await start({ heartbeatMs: 20, heartbeatStrikesMax: 2 });
    const raw = await RawClient.open(listener.port);
    const [node] = server.nodes.values();
    const closed = gate<number>();
    node?.events.on('close', (code) => closed.open(code));

    let pings = 0;
    while ((await raw.frame().catch(() => null))?.opcode === OPCODE.ping) pings += 1;

    await raw.closed;
    expect(await closed.promise).toBe(1006);
    expect(pings).toBe(2);
    expect(server.nodes.size).toBe(0);
  });

  it('that answers with pongs stays', async () => {
    const { server, listener } = await start({ heartbeatMs: 20, heartbeatStrikesMax: 1 });
    const raw = await RawClient.open(listener.port);

    for (let i = 0; i < 10; i += 1) {
      const { opcode, payload } = await raw.frame();
      expect(opcode).toBe(OPCODE.ping);
      raw.socket.write(rawFrame(payload, { opcode: OPCODE.pong }));
    }

    expect(server.nodes.size).toBe(1);
  });

  it('that sends messages of its own stays', async () => {
    const { server, listener } = await start({ heartbeatMs: 20, heartbeatStrikesMax: 1 });
    const raw = await RawClient.open(listener.port);

    for (let pings = 0; pings < 10; ) {
      const { opcode } = await raw.frame();
      if (opcode !== OPCODE.ping) continue;
      pings += 1;
      raw.send({ type: 'ping', correlationId: pings });
    }

    expect(server.nodes.size).toBe(1);
  });

  it('of ours answers by itself', async () => {
    const { server, url } = await start({ heartbeatMs: 10, heartbeatStrikesMax: 1 });
    const client = dial(url);
    await client.ready();
    const ended = next(client.events, 'close').then(() => 'ended');

    // A client that never answers, made later, is ended first.
    const ws = await openPlain(url, ['swarm.json'], { autoPong: false });
    await once(ws, 'close');

    expect(await Promise.race([ended, Promise.resolve('stayed')])).toBe('stayed');
    expect(server.nodes.size).toBe(1);
  });
});
