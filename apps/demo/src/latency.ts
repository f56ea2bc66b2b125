/** One call, and how long it took. */
export interface Sample {
  readonly atMs: number;
  readonly ms: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

/** Of fewer samples than this, the slowest would be called the 95th percentile. */
const SAMPLES_MIN = 8;

/** The latencies of a span of time that ends now; older ones, and too many, are forgotten. */
export class Latencies {
  readonly #spanMs: number;
  readonly #samplesMax: number;
  #samples: readonly Sample[] = [];

  constructor(spanMs: number, samplesMax: number) {
    this.#spanMs = spanMs;
    this.#samplesMax = samplesMax;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  add(sample: Sample): void {
    const fresh = this.#samples.filter(({ atMs }) => atMs > sample.atMs - this.#spanMs);
    this.#samples = [...fresh, sample].slice(-this.#samplesMax);
  }

  /** Of the samples in the `windowMs` before `atMs`; null when there are too few to say. */
  quantiles(atMs: number, windowMs: number): Quantiles | null {
    const sorted = this.#samples
      .filter((sample) => sample.atMs <= atMs && sample.atMs > atMs - windowMs)
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
    if (sorted.length < SAMPLES_MIN) return null;
    return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
  }
}

/** The nearest rank: the least value that at least this share of all is not above. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

/** The end of an axis that `value` fits below: 1, 2 or 5 times a power of ten. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}
