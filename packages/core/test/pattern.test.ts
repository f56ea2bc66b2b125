import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySpecificity, matches, type Pattern, parsePattern } from '../src/pattern.ts';

const segment = fc.constantFrom('a', 'b', '', '*', '>');
const names = fc.array(segment, { minLength: 1, maxLength: 5 });
const patterns = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*', ''), { maxLength: 4 }), fc.boolean())
  .map(([segments, open]) => (open || segments.length === 0 ? [...segments, '>'] : segments));

describe('parsePattern', () => {
  it('finds a pattern where a whole segment is a wildcard', () => {
    expect(parsePattern('a.*.b')).toEqual(['a', '*', 'b']);
    expect(parsePattern('a.>')).toEqual(['a', '>']);
    expect(parsePattern('>')).toEqual(['>']);
  });

  it('takes everything else for an exact name', () => {
    for (const name of ['a', 'a.b', 'a*', '*a.b', 'a.>b', '.', '']) {
      expect(parsePattern(name)).toBeNull();
    }
  });

  it('refuses `>` anywhere but at the end', () => {
    for (const name of ['>.a', 'a.>.b', '>.>']) {
      expect(() => parsePattern(name)).toThrow(TypeError);
    }
  });
});

describe('matches', () => {
  it('has `*` stand for exactly one segment', () => {
    const pattern = ['a', '*'];

    expect(
      [
        ['a', 'b'],
        ['a', ''],
        ['a', '*'],
      ].map((name) => matches(pattern, name)),
    ).toEqual([...[true, true, true]]);
    expect([['a'], ['a', 'b', 'c'], ['b', 'b']].map((name) => matches(pattern, name))).toEqual([
      ...[false, false, false],
    ]);
  });

  it('has `>` stand for one or more', () => {
    const pattern = ['a', '>'];

    expect(
      [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ].map((name) => matches(pattern, name)),
    ).toEqual([...[true, true]]);
    expect([['a'], ['b', 'c']].map((name) => matches(pattern, name))).toEqual([false, false]);
  });

  it('says what a recursive search says', () => {
    fc.assert(
      fc.property(patterns, names, (pattern, name) => {
        expect(matches(pattern, name)).toBe(naive(pattern, name));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('bySpecificity', () => {
  it('has a literal beat `*` beat `>`, at the first difference', () => {
    const sorted = [
      ['a', 'b', '>'],
      ['a', '*', 'c'],
      ['a', '*', '*'],
      ['a', '>'],
      ['*', 'b'],
      ['>'],
    ];

    expect(sorted.toReversed().sort(bySpecificity)).toEqual(sorted);
  });

  it('is an order', () => {
    fc.assert(
      fc.property(patterns, patterns, patterns, (a, b, c) => {
        expect(Math.sign(bySpecificity(a, b))).toBe(0 - Math.sign(bySpecificity(b, a)));
        if (bySpecificity(a, b) <= 0 && bySpecificity(b, c) <= 0) {
          expect(bySpecificity(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells any two patterns apart that match the same name', () => {
    fc.assert(
      fc.property(patterns, patterns, names, (a, b, name) => {
        fc.pre(matches(a, name) && matches(b, name));

        expect(bySpecificity(a, b) === 0).toBe(a.join('.') === b.join('.'));
      }),
      { numRuns: 1_000 },
    );
  });
});

function naive(pattern: Pattern, name: readonly string[]): boolean {
  const [segment, ...pattern_] = pattern;
  const [word, ...rest] = name;
  if (segment === undefined) return word === undefined;
  if (word === undefined) return false;
  if (segment === '>' && pattern_.length === 0) return true;
  return (segment === '*' || segment === word) && naive(pattern_, rest);
}
