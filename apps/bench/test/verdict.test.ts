import { describe, expect, it } from 'vitest';
import { boundText, judge } from '../src/verdict.ts';

function interval(lo: number, median: number, hi: number) {
  return { min: lo, lo, median, hi, max: hi };
}

describe('a goal to be at least something', () => {
  const bound = { atLeast: 1.5 };

  it('is met when the whole interval is', () => {
    expect(judge(bound, interval(1.5, 1.7, 2))).toBe('met');
  });

  it('is missed when none of the interval is', () => {
    expect(judge(bound, interval(1, 1.2, 1.49))).toBe('missed');
  });

  it('is unresolved when the interval is on both sides, whatever the median', () => {
    expect(judge(bound, interval(1.49, 1.9, 2))).toBe('unresolved');
    expect(judge(bound, interval(1, 1.1, 1.5))).toBe('unresolved');
  });
});

describe('a goal to be at most something', () => {
  const bound = { atMost: 0.5 };

  it('is judged the other way round', () => {
    expect(judge(bound, interval(0.3, 0.4, 0.5))).toBe('met');
    expect(judge(bound, interval(0.51, 0.6, 0.7))).toBe('missed');
    expect(judge(bound, interval(0.5, 0.6, 0.7))).toBe('unresolved');
  });
});

describe('a goal with something tolerated', () => {
  const bound = { atMost: 1.1, tolerated: 1.05 };

  it('is missed when the median is over the goal and all of the interval over that', () => {
    expect(judge(bound, interval(1.06, 1.11, 1.2))).toBe('missed');
    expect(judge(bound, interval(1.04, 1.11, 1.2))).toBe('unresolved');
    expect(judge(bound, interval(1.06, 1.1, 1.2))).toBe('unresolved');
    expect(judge(bound, interval(1.06, 1.08, 1.1))).toBe('met');
  });
});

describe('a goal without a measurement', () => {
  it('is unresolved', () => {
    expect(judge({ atLeast: 1 }, null)).toBe('unresolved');
    expect(judge({ atMost: 1 }, interval(Number.NaN, Number.NaN, Number.NaN))).toBe('unresolved');
  });
});

describe('the text of a goal', () => {
  it('names its side', () => {
    expect(boundText({ atLeast: 1.5 })).toBe('>= 1.5');
    expect(boundText({ atMost: 0.5 })).toBe('<= 0.5');
  });
});
