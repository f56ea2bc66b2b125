import * as core from '@swarm/core';
import { expect, it, onTestFinished } from 'vitest';
import { readCorpus } from '../src/sim/corpus.ts';
import { Coverage } from '../src/sim/coverage.ts';
import { planOf } from '../src/sim/planner.ts';
import { Runner } from '../src/sim/runner.ts';

/** Enough to notice what breaks often; `pnpm sim --schedules 100000` is for what does not. */
const SCHEDULES = 300;

function startRunner(): Runner {
  const runner = new Runner(core);
  onTestFinished(() => runner.stop());
  return runner;
}

it(`${SCHEDULES} schedules hold to every invariant`, async () => {
  const { schedules, requests, failures } = await startRunner().run(1, SCHEDULES);

  expect(failures).toEqual([]);
  expect(schedules).toBe(SCHEDULES);
  expect(requests / schedules).toBeGreaterThanOrEqual(30);
}, 120_000);

it('every schedule has at least 3 processes, 6 clients, 30 requests and 2 faults', () => {
  for (let seed = 1; seed <= SCHEDULES; seed += 1) {
    const { setup, ops, faults } = planOf(seed);

    expect(setup.processes).toBeGreaterThanOrEqual(3);
    expect(setup.slots).toBeGreaterThanOrEqual(6);
    expect(ops.filter(({ isEvent }) => !isEvent).length).toBeGreaterThanOrEqual(30);
    expect(faults.length).toBeGreaterThanOrEqual(2);
  }
});

it('about a quarter of the brokers have several servers', () => {
  const brokers = Array.from({ length: SCHEDULES }, (_, at) => planOf(at + 1).setup.servers);
  const several = brokers.filter((servers) => servers > 1).length;

  expect(new Set(brokers)).toEqual(new Set([1, 3]));
  expect(several / SCHEDULES).toBeGreaterThan(0.15);
  expect(several / SCHEDULES).toBeLessThan(0.35);
});

it('the same seed gives the same trace, word by word, and another one does not', async () => {
  const runner = startRunner();
  const trace = async (seed: number) => {
    return (await runner.result(planOf(seed), new Coverage(), true)).lines;
  };

  const first = await trace(1);

  expect(await trace(1)).toEqual(first);
  expect(await trace(2)).not.toEqual(first);
});

it.each(readCorpus())('the corpus holds: $bug', async ({ plan }) => {
  const { violations } = await startRunner().result(plan, new Coverage(), false);

  expect(violations).toEqual([]);
});
