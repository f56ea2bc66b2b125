import { describe, expect, it } from 'vitest';
import { merged } from '../src/crew.ts';
import type { Run } from '../src/protocol.ts';

const good: Run = {
  ...{ requests: 100, errors: 0, firstError: '', elapsedMs: 1_000 },
  ...{ p50Us: 200, p99Us: 900, cpuUs: 3_000 },
};

describe('the runs of a crowd', () => {
  it('are one: all that was asked, in the time of the slowest', () => {
    const slow = { ...good, requests: 50, elapsedMs: 1_100, p50Us: 300, p99Us: 2_000 };

    expect(merged([good, slow, slow])).toEqual({
      ...{ requests: 200, errors: 0, firstError: '', elapsedMs: 1_100 },
      ...{ p50Us: 300, p99Us: 2_000, cpuUs: 9_000 },
    });
  });

  it('have failed when anything in one of them has', () => {
    const bad = { ...good, errors: 2, firstError: 'Error: lost' };

    expect(merged([good, bad])).toMatchObject({ errors: 2, firstError: 'Error: lost' });
  });

  it('of one are its own', () => {
    expect(merged([good])).toEqual(good);
  });
});
