import type { Estimate } from './statistics.ts';

export type Verdict = 'met' | 'missed' | 'unresolved';

/** What a goal asks of a quantity. */
export type Bound =
  | { readonly atLeast: number }
  | {
      readonly atMost: number;
      /** Missed only if the whole interval is above this as well as the median above `atMost`. */
      readonly tolerated?: number;
    };

/**
 * By the interval, not by the median: what may as well be chance is no verdict. Without an
 * interval, because a case could not be run or has failed, there is none either.
 */
export function judge(bound: Bound, of: Estimate | null): Verdict {
  if (of === null || Number.isNaN(of.median)) return 'unresolved';
  if ('atLeast' in bound) {
    if (of.lo >= bound.atLeast) return 'met';
    return of.hi < bound.atLeast ? 'missed' : 'unresolved';
  }
  const { atMost, tolerated } = bound;
  if (of.hi <= atMost) return 'met';
  const isOver = tolerated === undefined ? of.lo > atMost : of.median > atMost && of.lo > tolerated;
  return isOver ? 'missed' : 'unresolved';
}

/** Such as `>= 1.5`. */
export function boundText(bound: Bound): string {
  const [sign, value] = 'atLeast' in bound ? ['>=', bound.atLeast] : ['<=', bound.atMost];
  return `${sign} ${value.toLocaleString('en-US')}`;
}
