import * as core from '@swarm/core';
import { expect, it, onTestFinished } from 'vitest';
import { Runner } from '../src/sim/runner.ts';

/** Enough to notice what breaks often; `pnpm sim --schedules 100000` is for what does not. */
const SCHEDULES = 300;

it(`${SCHEDULES} schedules hold to every invariant, and each goes the same way twice`, async () => {
  const runner = new Runner(core);
  onTestFinished(() => runner.stop());

  const { schedules, requests, failures } = await runner.run(1, SCHEDULES);

  expect(failures).toEqual([]);
  expect(schedules).toBe(SCHEDULES);
  expect(requests / schedules).toBeGreaterThanOrEqual(30);
}, 120_000);
