/** A number from 0 to 1, 1 excluded. */
export type Random = () => number;

/** What some rounds say of one quantity. */
export interface Estimate {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Bounds of the 95 % interval of the median. */
  readonly lo: number;
  readonly hi: number;
}

const RESAMPLES = 2_000;
const OUTSIDE = 0.05;

/** The same numbers for the same seed, so that a report can be computed again (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Between the two nearest of the values, which must be in order; NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/**
 * The median of the rounds, and how sure it is by the bootstrap: medians of as many values, drawn
 * with repetition, 2,000 times. It assumes nothing of how the values are distributed.
 */
export function estimate(values: readonly number[], random: Random): Estimate {
  const sorted = Float64Array.from(values).sort();
  const drawn = new Float64Array(sorted.length);
  const medians = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    for (let i = 0; i < drawn.length; i += 1) {
      drawn[i] = sorted[Math.floor(random() * sorted.length)] as number;
    }
    medians[resample] = quantile(drawn.sort(), 0.5);
  }
  medians.sort();
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    lo: quantile(medians, OUTSIDE / 2),
    hi: quantile(medians, 1 - OUTSIDE / 2),
  };
}

/** Of two quantities that were measured in the same rounds, round by round. */
export function ratios(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, round) => value / (b[round] ?? Number.NaN));
}
