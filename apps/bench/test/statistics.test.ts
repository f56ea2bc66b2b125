import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate, median, quantile, ratios, seeded } from '../src/statistics.ts';

const values = fc.array(fc.double({ min: 0.01, max: 1_000, noNaN: true }), {
  minLength: 1,
  maxLength: 15,
});

describe('median', () => {
  it('is the middle one, or halfway between the two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('quantile', () => {
  it('lies between the two nearest values', () => {
    const sorted = [10, 20, 30, 40, 50];

    expect([0, 0.25, 0.9, 1].map((share) => quantile(sorted, share))).toEqual([10, 20, 46, 50]);
  });
});

describe('seeded', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const random = seeded(seed);
      return [random(), random(), random()];
    };

    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('spreads evenly from 0 to 1', () => {
    const random = seeded(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const tenth = Math.floor(random() * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }

    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

describe('ratios', () => {
  it('divides round by round', () => {
    expect(ratios([2, 9], [4, 3])).toEqual([0.5, 3]);
    expect(ratios([2, 9], [4])).toEqual([0.5, Number.NaN]);
  });
});

describe('estimate', () => {
  it('of rounds that all said the same is that', () => {
    const all = { median: 3, min: 3, max: 3, lo: 3, hi: 3 };

    expect(estimate([3, 3, 3, 3, 3], seeded(1))).toEqual(all);
  });

  it('is the same for the same rounds and seed', () => {
    const rounds = [1.1, 0.9, 1.3, 1, 1.2];

    expect(estimate(rounds, seeded(5))).toEqual(estimate(rounds, seeded(5)));
  });

  it('has its bounds in order, and within what was measured', () => {
    fc.assert(
      fc.property(values, fc.nat(), (rounds, seed) => {
        const { median: middle, min, max, lo, hi } = estimate(rounds, seeded(seed));

        const order = [min, lo, middle, hi, max];
        expect(order.toSorted((a, b) => a - b)).toEqual(order);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('does not let one round that went wrong decide', () => {
    const { median: middle, hi } = estimate([1, 1, 1, 1, 1, 1, 1, 1, 1, 100], seeded(1));

    expect([middle, hi]).toEqual([1, 1]);
  });

  it('holds the true median in about 95 of 100 runs', () => {
    const random = seeded(11);
    let holds = 0;
    for (let run = 0; run < 400; run += 1) {
      const rounds = Array.from({ length: 15 }, () => random());
      const { lo, hi } = estimate(rounds, random);
      if (lo <= 0.5 && hi >= 0.5) holds += 1;
    }

    expect(holds / 400).toBeGreaterThan(0.9);
    expect(holds / 400).toBeLessThan(1);
  });
});
