import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, Turns } from '../src/clock.ts';
import { OpenRequests } from '../src/machine/asked.ts';
import { WHEEL_STEP_MS } from '../src/machine/wheel.ts';
import { Settled } from './hosts.ts';
import { FakeRuntime } from './runtime.ts';

function newClock(startMs = 0) {
  const runtime = new FakeRuntime({ startMs });
  const clock = new Clock(runtime);
  const table = new OpenRequests(clock.wheel, 100, 'openRequestsMax');
  const open = (inMs: number, settled = new Settled()) => {
    const nowMs = clock.nowMs();
    return { request: table.open(nowMs + inMs, settled, nowMs), settled };
  };
  return { runtime, clock, table, open };
}

describe('Clock', () => {
  it('has no timer while there is no deadline', async () => {
    const { runtime, open, table } = newClock();
    expect(runtime.timers).toBe(0);

    const { request } = open(1_000);
    open(2_000);
    expect(runtime.timers).toBe(1);

    table.forget(request);
    await runtime.advance(3_000);
    expect([runtime.timers, table.size]).toEqual([0, 0]);
  });

  it('keeps a request its whole time, and not a step longer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(500),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
        async (startMs, timeoutsMs) => {
          const { runtime, clock, open } = newClock(startMs);
          const lateMs: number[] = [];
          for (const timeoutMs of timeoutsMs) {
            const dueMs = clock.nowMs() + timeoutMs;
            const { settled } = open(timeoutMs);
            settled.settle = () => lateMs.push(runtime.nowMs() - dueMs);
          }

          await runtime.advance(2_000);

          expect(lateMs).toHaveLength(timeoutsMs.length);
          expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...lateMs)).toBeLessThanOrEqual(WHEEL_STEP_MS);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('settles what fell due while the loop was held up as soon as it runs', async () => {
    const { runtime, open } = newClock();
    const { settled } = open(1_000);

    runtime.stall(60_000);
    expect(settled.outcomes).toEqual([]);
    await runtime.advance(0);

    expect(settled.summary).toEqual(['timeout/no']);
  });

  it('leaves no timer when it is stopped, and starts again when it is needed', async () => {
    const { runtime, clock, table, open } = newClock();
    clock.stop();
    const { request } = open(1_000);

    clock.stop();
    clock.stop();
    expect(runtime.timers).toBe(0);

    table.forget(request);
    const { settled } = open(100);
    await runtime.advance(200);
    expect(settled.summary).toEqual(['timeout/no']);
  });
});

describe('Turns', () => {
  function newTurns(max: number, deliveredPerTurn = 1) {
    const runtime = new FakeRuntime();
    let count = 0;
    const turns = new Turns(runtime, max, () => {
      count += 1;
      return deliveredPerTurn;
    });
    return { runtime, turns, count: () => count };
  }

  it('delivers once at the end of a turn, however often it was asked', () => {
    const { runtime, turns, count } = newTurns(10);

    for (let i = 0; i < 5; i += 1) turns.wake();
    expect(count()).toBe(0);
    runtime.runMicrotasks();
    expect(count()).toBe(1);

    turns.wake();
    runtime.runMicrotasks();
    expect(count()).toBe(2);
  });

  it('deliveriesPerTurnMax: lets timers and sockets go first after so many', async () => {
    const { runtime, turns, count } = newTurns(4, 2);
    for (let i = 0; i < 2; i += 1) {
      turns.wake();
      runtime.runMicrotasks();
    }
    expect(count()).toBe(2);

    turns.wake();
    turns.wake();
    runtime.runMicrotasks();
    expect([count(), runtime.timers]).toEqual([2, 1]);

    await runtime.advance(0);
    expect(count()).toBe(3);

    turns.wake();
    runtime.runMicrotasks();
    expect(count()).toBe(4);
  });
});
