import { describe, expect, it } from 'vitest';
import { createClient } from '../src/index.ts';
import { toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';

const INTERVAL_MS = 1_000;

/** A client with an open conversation over one socket, asking every second of silence. */
function newHeartbeat() {
  const runtime = new FakeRuntime();
  const [near] = PairedSocket.pair();
  const client = createClient(near, { runtime, pingIntervalMs: INTERVAL_MS });
  const receive = (message: object) => near.arrive(JSON.stringify(message));
  receive({ type: 'init' });
  const sent = () => near.sent.splice(0).map(toValue);
  return { runtime, near, client, receive, sent };
}

describe('a line that hears nothing', () => {
  it('asks whether the other end lives after an interval of silence, not before', async () => {
    const { runtime, client, sent } = newHeartbeat();

    await runtime.advance(INTERVAL_MS - 1);
    expect(sent()).toEqual([]);

    await runtime.advance(1);
    expect(sent()).toMatchObject([{ type: 'ping' }]);
    client.close();
  });

  it('does not ask an end that speaks', async () => {
    const { runtime, client, receive, sent } = newHeartbeat();

    for (let i = 0; i < 10; i += 1) {
      await runtime.advance(INTERVAL_MS - 100);
      receive({ type: 'x-alive' });
      await runtime.advance(100);
    }

    expect(sent()).toEqual([]);
    client.close();
  });

  it('ends the socket after twice the silence', async () => {
    const { runtime, near } = newHeartbeat();

    await runtime.advance(2 * INTERVAL_MS - 1);
    expect(near.closedWith).toBeNull();

    await runtime.advance(1);
    expect(near.closedWith).toMatchObject({ code: 4408 });
    expect(runtime.timers).toBe(0);
  });

  it('goes on as long as it is answered', async () => {
    const { runtime, near, client, receive, sent } = newHeartbeat();

    for (let i = 0; i < 20; i += 1) {
      await runtime.advance(INTERVAL_MS);
      for (const message of sent()) {
        expect(message).toMatchObject({ type: 'ping' });
        receive({ type: 'pong', correlationId: 1 });
      }
    }

    expect(near.closedWith).toBeNull();
    client.close();
    expect(runtime.timers).toBe(0);
  });

  it('takes its own sleep for nobody’s silence', async () => {
    const { runtime, near, client, receive } = newHeartbeat();
    for (let i = 0; i < 10; i += 1) {
      runtime.stall(60_000);
      await runtime.advance(0);
      expect(near.closedWith).toBeNull();
    }

    receive({ type: 'pong', correlationId: 1 });
    expect(client.isOpen).toBe(true);
    client.close();
  });
});
