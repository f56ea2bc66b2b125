import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { Clock } from '../src/clock.ts';
import { Connection, type ConnectionHost } from '../src/connection.ts';
import type { EventFrame, RequestFrame } from '../src/frame.ts';
import { LIMITS, swarmJson } from '../src/index.ts';
import type { ServedRequest } from '../src/machine/served.ts';
import { nth, ok, Settled, toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';

class Owner implements ConnectionHost {
  readonly started: string[] = [];
  readonly requests: ServedRequest[] = [];
  readonly ends: unknown[] = [];

  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void {
    this.started.push(frame.name);
    if (request !== null) this.requests.push(request);
  }

  introduced(): void {}

  ended(code: number, reason: string): void {
    this.ends.push([code, reason]);
  }
}

function newConnection() {
  const runtime = new FakeRuntime();
  const clock = new Clock(runtime);
  const owner = new Owner();
  const [, socket] = PairedSocket.pair();
  const connection = new Connection(owner, socket, swarmJson, {
    ...{ clock, wheel: clock.wheel, limits: LIMITS, requestTimeoutMs: 1_000 },
    contract: undefined,
  });
  const receive = (message: object) => socket.arrive(JSON.stringify(message));
  const sent = () => socket.sent.splice(0).map(toValue);
  return { runtime, clock, owner, socket, connection, receive, sent };
}

function call(settler: Settled, deadlineMs = 1_000) {
  return { name: 'x', body: Body.of([]), meta: undefined, deadlineMs, settler };
}

describe('Connection', () => {
  it('starts no handler before it is opened', () => {
    const { connection, owner, receive, sent } = newConnection();
    receive({ type: 'request', correlationId: 1, name: 'early' });
    expect([owner.started, sent()]).toEqual([[], []]);

    connection.open({});

    expect(owner.started).toEqual(['early']);
    expect(sent()).toEqual([{ type: 'init' }]);
  });

  it('is not opened by the client: its init means nothing', () => {
    const { connection, owner, receive, sent } = newConnection();

    receive({ type: 'init' });
    receive({ type: 'event', name: 'early' });
    expect(owner.started).toEqual([]);

    connection.open({});
    receive({ type: 'init' });
    expect(owner.started).toEqual(['early']);
    expect(sent()).toEqual([{ type: 'init' }]);
  });

  it('carries requests, events and answers both ways', () => {
    const { connection, owner, receive, sent } = newConnection();
    const settled = new Settled();
    connection.open({});
    connection.request(null, call(settled));
    connection.emit(null, { name: 'e', body: Body.of([1]), meta: undefined });
    receive({ type: 'event', name: 'moved' });
    receive({ type: 'request', correlationId: 'a', name: 'add' });

    nth(owner.requests, 0).answer(ok(Body.of(3)));
    receive({ type: 'response', correlationId: '1', result: 4 });

    expect(owner.started).toEqual(['moved', 'add']);
    expect(settled.summary).toEqual([4]);
    expect(sent()).toMatchObject([
      { type: 'init' },
      { type: 'request', name: 'x' },
      { type: 'event', name: 'e', args: [1] },
      { type: 'response', correlationId: 'a', result: 3 },
    ]);
  });

  it('cancels, and times out in the time of its runtime', async () => {
    const { connection, runtime, sent } = newConnection();
    const [cancelled, late] = [new Settled(), new Settled()];
    connection.open({});
    connection.cancel(connection.request(null, call(cancelled)));
    connection.request(null, call(late, 128));

    await runtime.advance(1_000);

    expect(cancelled.summary).toEqual(['cancelled/unknown']);
    expect(late.summary).toEqual(['timeout/unknown']);
    expect(sent()).toMatchObject([
      { type: 'init' },
      { type: 'request' },
      { type: 'cancel' },
      { type: 'request' },
    ]);
    expect(runtime.timers).toBe(0);
  });

  it('says goodbye when it is closed for good, and ends at once', () => {
    const { connection, owner, socket, sent } = newConnection();
    const settled = new Settled();
    connection.open({});
    connection.request(null, call(settled));
    sent();

    connection.close(4409, 'replaced');
    connection.close(1000, 'again');

    expect(sent()).toEqual([{ type: 'close', code: 4409, reason: 'replaced' }]);
    expect(socket.closedWith).toEqual({ code: 4409, reason: 'replaced' });
    expect(owner.ends).toEqual([[4409, 'replaced']]);
    expect(settled.summary).toEqual(['closed/unknown']);
  });

  it('says nothing when it is shut: the client may come back', () => {
    const { connection, owner, socket, sent } = newConnection();
    connection.open({});
    sent();

    connection.shut(1001, 'leaving');
    connection.shut(1001, 'again');

    expect(sent()).toEqual([]);
    expect(socket.closedWith).toEqual({ code: 1001, reason: 'leaving' });
    expect(owner.ends).toEqual([[1001, 'leaving']]);
  });

  it('ends once when the socket closes, with the code the socket gives', () => {
    const { connection, owner, socket, receive } = newConnection();
    connection.open({});
    receive({ type: 'request', correlationId: 1, name: 'x' });

    socket.close(1006, '');
    connection.close(1000, 'late');

    expect(owner.ends).toEqual([[1006, '']]);
    expect(nth(owner.requests, 0).aborted).toMatchObject({ subtype: 'closed' });
  });

  it('ends when the client says goodbye', () => {
    const { connection, owner, socket, receive } = newConnection();
    connection.open({});

    receive({ type: 'close' });

    expect(owner.ends).toMatchObject([[1000, expect.any(String)]]);
    expect(socket.closedWith).toMatchObject({ code: 1000 });
  });

  it('knows what is unsent where the socket does', () => {
    const { connection, socket } = newConnection();
    socket.bufferedBytes = 7;

    expect(connection.bufferedBytes).toBe(7);
    const clock = new Clock(new FakeRuntime());
    const bare = { attach: () => {}, send: () => {}, close: () => {} };
    const config = {
      ...{ clock, wheel: clock.wheel, limits: LIMITS, requestTimeoutMs: 1_000 },
      contract: undefined,
    };
    expect(new Connection(new Owner(), bare, swarmJson, config).bufferedBytes).toBe(0);
  });
});
