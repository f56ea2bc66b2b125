import { readFile } from 'node:fs/promises';
import { createServer } from '@swarm/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { testSwarm } from '../src/testing/index.ts';
import { newSwarm } from './testing-swarm.ts';

describe('the clock', () => {
  it('stands still, and the platform is asked for no timer', async () => {
    const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
    onTestFinished(() => void vi.restoreAllMocks());
    const swarm = testSwarm();
    const server = await swarm.server();
    server.client.on('slow', () => swarm.clock.sleep(60_000));
    const { client } = await swarm.client(server, { id: 'ada' });
    expect(swarm.clock.nowMs).toBe(0);

    const asked = client.with({ timeoutMs: 30_000 }).send('slow');
    const outcome = expect(asked).rejects.toMatchObject({ subtype: 'timeout' });
    await swarm.clock.advance(30_100);
    await outcome;
    await swarm.close();

    expect(swarm.clock.nowMs).toBe(30_100);
    for (const timer of timers) expect(timer).not.toHaveBeenCalled();
  });

  it('keeps a deadline to within 64 ms, and never too early', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    server.client.on('slow', () => swarm.clock.sleep(60_000));
    const { client } = await swarm.client(server);

    for (const timeoutMs of [1, 63, 64, 1_000, 29_999, 30_000]) {
      const startMs = swarm.clock.nowMs;
      const asked = client.with({ timeoutMs }).send('slow');
      await expect(swarm.clock.until(asked)).rejects.toMatchObject({ subtype: 'timeout' });

      expect(swarm.clock.nowMs - startMs).toBeGreaterThanOrEqual(timeoutMs);
      expect(swarm.clock.nowMs - startMs).toBeLessThanOrEqual(timeoutMs + 64);
    }
  });

  it('runs what is due in order, and all promise jobs before what comes next', async () => {
    const { clock, runtime } = newSwarm();
    const log: string[] = [];
    const jobs = async (name: string) => {
      for (let i = 0; i < 100; i += 1) await null;
      log.push(`${name} jobs`);
    };
    const say = (name: string) => () => {
      log.push(`${name} at ${clock.nowMs}`);
      void jobs(name);
    };
    runtime.setTimer(say('second'), 20);
    runtime.setTimer(say('third'), 20);
    const cancel = runtime.setTimer(say('cancelled'), 15);
    runtime.setTimer(() => {
      say('first')();
      runtime.setTimer(say('fourth'), 15);
      cancel();
    }, 10);
    void clock.sleep(31).then(say('beyond'));
    runtime.setTimer(say('present'), 0);

    await clock.advance(30);

    expect(log).toEqual(
      [
        ['present at 0', 'present jobs', 'first at 10', 'first jobs', 'second at 20'],
        ['second jobs', 'third at 20', 'third jobs', 'fourth at 25', 'fourth jobs'],
      ].flat(),
    );
    expect(clock.nowMs).toBe(30);
  });

  it('never goes back', async () => {
    const { clock, runtime } = newSwarm();
    const times: number[] = [];
    await clock.advance(10);

    runtime.setTimer(() => times.push(clock.nowMs), -5);
    await clock.advance(0);

    expect(times).toEqual([10]);
  });

  it('adds up when two advance at the same time', async () => {
    const { clock } = newSwarm();
    const times: number[] = [];

    await Promise.all([10, 20].map((ms) => clock.advance(ms).then(() => times.push(clock.nowMs))));

    expect(times).toEqual([10, 30]);
  });

  it('advances to when a promise settles, and no further', async () => {
    const { clock } = newSwarm();
    const failing = clock.sleep(2_500).then(() => Promise.reject(new Error('failed')));

    expect(await clock.until(clock.sleep(1_000).then(() => 'value'))).toBe('value');
    expect(clock.nowMs).toBe(1_000);
    await expect(clock.until(failing)).rejects.toThrow('failed');
    expect(clock.nowMs).toBe(2_500);
    expect(await clock.until(Promise.resolve('at once'))).toBe('at once');
    expect(clock.nowMs).toBe(2_500);
  });

  it('does not wait for ever', async () => {
    const { clock } = newSwarm();
    const never = new Promise(() => {});

    await expect(clock.until(never)).rejects.toThrow('still open after 60000 ms');
    const late = clock.sleep(101);
    await expect(clock.until(late, 100)).rejects.toThrow('still open after 100 ms');
    await clock.until(late, 101);
  });

  it('hands on what a timer of yours throws, and goes on', async () => {
    const { clock, runtime } = newSwarm();
    const log: number[] = [];
    runtime.setTimer(() => {
      throw new Error('from a timer');
    }, 10);
    runtime.setTimer(() => log.push(clock.nowMs), 20);

    await expect(clock.advance(20)).rejects.toThrow('from a timer');
    expect(clock.nowMs).toBe(10);
    await clock.advance(10);
    expect(log).toEqual([20]);
  });

  it.each([-1, Number.NaN, Infinity])('does not advance by %d', async (ms) => {
    const { clock, network } = newSwarm();

    await expect(clock.advance(ms)).rejects.toThrow(RangeError);
    expect(() => network.latency(ms)).toThrow(RangeError);
    expect(clock.nowMs).toBe(0);
  });

  it('works under the fake timers of a test runner', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const swarm = testSwarm();
    const server = await swarm.server();
    server.client.on('slow', () => new Promise((resolve) => setTimeout(resolve, 1_000)));
    const { client } = await swarm.client(server);

    const asked = client.send('slow');
    await swarm.clock.advance(5_000);
    vi.advanceTimersByTime(1_000);

    expect(await asked).toBe(null);
    await swarm.close();
  });
});

describe('real things', () => {
  it('take no virtual time: a handler may wait for them, and so may who asks', async () => {
    const swarm = newSwarm();
    const server = await swarm.server(async (place) => {
      await readFile(import.meta.filename);
      return createServer(place);
    });
    server.client.on('read', async () => (await readFile(import.meta.filename)).length);
    const { client } = await swarm.client(server);

    expect(await client.send('read')).toBeGreaterThan(1_000);
    expect(swarm.clock.nowMs).toBe(0);
  });

  it('are not waited for by who advances', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    let answer = (_value: string) => {};
    const answering = new Promise<string>((resolve) => {
      answer = resolve;
    });
    server.client.on('real', () => answering);
    const { client } = await swarm.client(server);

    const asked = client.with({ timeoutMs: 1_000 }).send('real');
    const outcome = expect(asked).rejects.toMatchObject({ subtype: 'timeout' });
    await swarm.clock.advance(1_100);
    answer('too late');
    await outcome;
  });
});
