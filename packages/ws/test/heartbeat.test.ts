import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Heartbeat } from '../src/heartbeat.ts';
import type { WsSocket } from '../src/socket.ts';
import { dial, gate, next, openPlain, socketPair, start, stopAfter } from './fixture.ts';
import { OPCODE, RawClient, rawFrame, SWARM_JSON } from './raw.ts';

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
    const { server, listener, url } = await start({
      accept: (request) => ({ id: request.url?.slice(1) }),
    });
    const leaves = dial(`${url}/leaves`);
    await leaves.ready();
    const isSentAway = dial(`${url}/sent-away`);
    await isSentAway.ready();
    const resets = await RawClient.open(listener.port, SWARM_JSON, '/resets');
    const gone = gate();
    server.events.on('left', () => {
      if (server.nodes.size === 0) gone.open();
    });
    expect(vi.getTimerCount()).toBe(1);

    leaves.close();
    resets.socket.resetAndDestroy();
    server.nodes.get('sent-away')?.close();
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

    const opcodes: number[] = [];
    for (;;) {
      const frame = await raw.frame().catch(() => null);
      if (frame === null) break;
      opcodes.push(frame.opcode);
    }

    expect(await closed.promise).toBe(1006);
    // One for each strike, more if a round was late, and no closing handshake with the dead.
    expect(opcodes.length).toBeGreaterThanOrEqual(2);
    expect(new Set(opcodes)).toEqual(new Set([OPCODE.ping]));
    expect(server.nodes.size).toBe(0);
  });

  it('that answers with pongs stays', async () => {
    const { server, listener } = await start({ heartbeatMs: 50, heartbeatStrikesMax: 2 });
    const raw = await RawClient.open(listener.port);

    for (let i = 0; i < 5; i += 1) {
      const { opcode, payload } = await raw.frame();
      expect(opcode).toBe(OPCODE.ping);
      raw.socket.write(rawFrame(payload, { opcode: OPCODE.pong }));
    }

    expect(server.nodes.size).toBe(1);
  });

  it('that sends messages of its own stays', async () => {
    const { server, listener } = await start({ heartbeatMs: 50, heartbeatStrikesMax: 2 });
    const raw = await RawClient.open(listener.port);

    for (let pings = 0; pings < 5; ) {
      const { opcode } = await raw.frame();
      if (opcode !== OPCODE.ping) continue;
      pings += 1;
      raw.send({ type: 'ping', correlationId: pings });
    }

    expect(server.nodes.size).toBe(1);
  });

  it('of ours answers by itself', async () => {
    const { server, url } = await start({ heartbeatMs: 50, heartbeatStrikesMax: 2 });
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
