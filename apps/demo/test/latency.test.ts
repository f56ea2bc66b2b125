import { describe, expect, it } from 'vitest';
import { Latencies, niceCeiling } from '../src/latency.ts';

describe('Latencies', () => {
  it('takes quantiles by nearest rank, within the window', () => {
    const latencies = new Latencies(60_000, 400);
    latencies.add({ atMs: 0, ms: 1_000 });
    for (let ms = 1; ms <= 100; ms += 1) latencies.add({ atMs: 20_000, ms });

    const quantiles = latencies.quantiles(20_000, 10_000);

    expect(quantiles).toEqual({ p50: 50, p95: 95 });
  });

  it('says nothing of too few', () => {
    const latencies = new Latencies(60_000, 400);
    for (let ms = 1; ms <= 7; ms += 1) latencies.add({ atMs: 0, ms });

    expect(latencies.quantiles(0, 10_000)).toBeNull();
  });

  it('forgets what is too old, and what is too much', () => {
    const latencies = new Latencies(1_000, 3);
    for (const atMs of [0, 900, 950, 1_000]) latencies.add({ atMs, ms: 1 });
    expect(latencies.samples.map(({ atMs }) => atMs)).toEqual([900, 950, 1_000]);

    for (const atMs of [1_100, 1_200]) latencies.add({ atMs, ms: 1 });

    expect(latencies.samples.map(({ atMs }) => atMs)).toEqual([1_000, 1_100, 1_200]);
  });
});

it.each([
  [0.7, 1],
  [1, 1],
  [1.2, 2],
  [4, 5],
  [7, 10],
  [120, 200],
])('ends an axis for %d at %d', (value, end) => {
  expect(niceCeiling(value)).toBe(end);
});
