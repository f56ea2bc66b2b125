import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, fitsBytes, fitsUtf8, fromJson, toJson } from '../src/codec.ts';
import { anyText, text } from './arbitraries.ts';
import { thrownRefusal } from './hosts.ts';

const invalid = thrownRefusal('invalid', 'no');

describe('UTF-8', () => {
  it('survives a round trip, a byte order mark included', () => {
    fc.assert(fc.property(text, (value) => decodeUtf8(encodeUtf8(value)) === value));
    expect(decodeUtf8(encodeUtf8('\ufeffx'))).toBe('\ufeffx');
  });

  it('refuses bytes that are no text', () => {
    expect(() => decodeUtf8(new Uint8Array([0xc3]))).toThrow(invalid);
    expect(() => decodeUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toThrow(invalid);
  });

  it('measures what the platform’s encoder writes, to the byte', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: -3, max: 3 }), (value, slack) => {
        const { length } = new TextEncoder().encode(value);
        expect(fitsUtf8(value, length + slack)).toBe(slack >= 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('measures messages of either form', () => {
    expect([fitsBytes('é', 2), fitsBytes('é', 1)]).toEqual([true, false]);
    expect([fitsBytes(new Uint8Array(2), 2), fitsBytes(new Uint8Array(3), 2)]).toEqual([
      true,
      false,
    ]);
  });
});

describe('toJson', () => {
  it('says null for what JSON cannot say', () => {
    expect([toJson(undefined), toJson(() => {}), toJson(Number.NaN)]).toEqual([
      'null',
      'null',
      'null',
    ]);
  });

  it('finds a cycle and a bigint to be mistakes of the program', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);

    expect(() => toJson(cycle)).toThrow(TypeError);
    expect(() => toJson(1n)).toThrow(TypeError);
  });
});

describe('fromJson', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it('refuses what is not JSON', () => {
    for (const bad of ['', '{', 'undefined', "{'a':1}", '[1,]', '"\\ud8']) {
      expect(() => fromJson(bad, 10)).toThrow(invalid);
    }
  });

  it('accepts nesting up to the limit, not one deeper', () => {
    expect(() => fromJson(nested(10), 10)).not.toThrow();
    expect(() => fromJson(nested(11), 10)).toThrow(invalid);
    expect(() => fromJson(`{"a":${nested(10)}}`, 10)).toThrow(invalid);
  });

  it('counts no bracket within a text, however it is escaped', () => {
    const brackets = '['.repeat(50);
    for (const value of [brackets, `\\"${brackets}`, `\\\\\\"${brackets}`, `"${brackets}`]) {
      expect(fromJson(toJson([value]), 1)).toEqual([value]);
    }
  });

  it('refuses an unclosed text before it looks any further', () => {
    expect(() => fromJson(`"${'['.repeat(50)}`, 1)).toThrow(invalid);
  });

  it('refuses keys that would change a prototype, however they are spelled', () => {
    for (const bad of [
      '{"__proto__":{"admin":true}}',
      '[{"a":[{"__proto__":1}]}]',
      '{"\\u005f_proto__":1}',
      '{"constructor":{"prototype":{"admin":true}}}',
      '{"\\u0063onstructor":{"prototype":1}}',
    ]) {
      expect(() => fromJson(bad, 10)).toThrow(invalid);
    }
  });

  it('accepts values and harmless keys with the same spelling', () => {
    for (const good of [
      '["__proto__","constructor"]',
      '{"constructor":"Ford"}',
      '{"constructor":null}',
      '{"constructor":{"name":"prototype"}}',
      '{"prototype":{}}',
      '{"a":"\\u005f_proto__"}',
    ]) {
      expect(fromJson(good, 10)).toEqual(JSON.parse(good));
    }
  });

  // A message of a megabyte holds some 350,000 empty objects: more than a call has arguments.
  it('looks for such keys in wide values too', () => {
    const wide = (tail: string) => `[${'{},'.repeat(300_000)}${tail}]`;

    expect(() => fromJson(wide('{"constructor":"Ford"}'), 10)).not.toThrow();
    expect(() => fromJson(wide('{"__proto__":1}'), 10)).toThrow(invalid);
  });

  // The oracle looks at every key and measures every depth after parsing.
  it('refuses what a naive search refuses, and nothing else', () => {
    const keys = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '\\u0061', '[');
    const { value } = fc.letrec<{ value: string; leaf: string; list: string; object: string }>(
      (tie) => ({
        leaf: fc.constantFrom('1', 'null', '"__proto__"', '"}]["', '"\\\\"', '"\\u005b"'),
        list: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
        object: fc
          .array(fc.tuple(keys, tie('value')), { maxLength: 3 })
          .map((entries) => `{${entries.map(([key, of]) => `"${key}":${of}`).join(',')}}`),
        value: fc.oneof({ maxDepth: 6 }, tie('leaf'), tie('list'), tie('object')),
      }),
    );
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 5 }), (json, depthMax) => {
        const parsed: unknown = JSON.parse(json);
        const refused = depthOf(parsed) > depthMax || isPolluting(parsed);
        // What parsing drops, because a later key replaced it, still counts as deep.
        if (!refused && depthOfText(json) > depthMax) return;

        if (refused) expect(() => fromJson(json, depthMax)).toThrow(invalid);
        else expect(fromJson(json, depthMax)).toEqual(parsed);
      }),
      { numRuns: 3_000 },
    );
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function depthOfText(json: string): number {
  const brackets = json.replace(/"(?:[^"\\]|\\.)*"/g, '');
  let [depth, deepest] = [0, 0];
  for (const char of brackets) {
    if (char === '[' || char === '{') depth += 1;
    if (char === ']' || char === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function isPolluting(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, child]) => {
    if (key === '__proto__') return true;
    const isObject = typeof child === 'object' && child !== null;
    if (key === 'constructor' && isObject && Object.keys(child).includes('prototype')) return true;
    return isPolluting(child);
  });
}
