import { describe, expect, it } from 'vitest';
import { SWARMS } from '../src/brokers.ts';
import { FAULT_NAMES, faultsOf } from '../src/chaos/plan.ts';
import { parseOptions } from '../src/options.ts';
import { randomOf } from '../src/random.ts';

describe('options', () => {
  it('are all swarms and the whole of it by default', () => {
    expect(parseOptions(['chaos'])).toEqual({
      what: 'chaos',
      swarms: [...SWARMS],
      seed: 1,
      kills: 20,
      times: 3,
      isWhole: true,
    });
  });

  it('know when chaos is shorter than usual', () => {
    expect(parseOptions(['chaos', '--kills', '19']).isWhole).toBe(false);
    expect(parseOptions(['chaos', '--times', '2']).isWhole).toBe(false);
    expect(parseOptions(['chaos', '--kills', '40']).isWhole).toBe(true);
  });

  it.each([
    ['--broker', 'kafka'],
    ['--kills', '-1'],
    ['--seed', 'x'],
    ['--what', '1'],
  ])('refuse %s %s', (...args) => {
    expect(() => parseOptions(['chaos', ...args])).toThrow(TypeError);
  });
});

describe('a plan', () => {
  it('has every fault so often, in an order that the seed decides', () => {
    const plan = { kills: 4, times: 2, hasAlarm: true, hasServers: false };
    const names = (seed: number) => faultsOf(plan, randomOf(seed)).map(({ name }) => name);

    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
    const counts = FAULT_NAMES.map((fault) => names(1).filter((name) => name === fault).length);
    expect(counts).toEqual([0, 2, 1, 1, ...Array(9).fill(2)]);
  });

  it('kills single servers of a broker that has several, and all together for a change', () => {
    const plan = { kills: 4, times: 2, hasAlarm: false, hasServers: true };

    const names = faultsOf(plan, randomOf(1)).map(({ name }) => name);

    const counts = FAULT_NAMES.map((fault) => names.filter((name) => name === fault).length);
    expect(counts).toEqual([4, 2, 0, 0, ...Array(8).fill(2), 0]);
  });

  it('has no alarm where there is none', () => {
    const plan = { kills: 0, times: 1, hasAlarm: false, hasServers: false };

    expect(faultsOf(plan, randomOf(1))).toHaveLength(FAULT_NAMES.length - 5);
  });
});
