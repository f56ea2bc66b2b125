import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../src/codec.ts';
import { decodeRecent } from '../src/recent.ts';
import { text } from './arbitraries.ts';
import { thrownRefusal } from './hosts.ts';

function decode(bytes: Uint8Array): string {
  return decodeRecent(bytes, 0, bytes.length);
}

describe('decodeRecent', () => {
  it('makes of bytes what they say, for the first time and again', () => {
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 9 }), (value, before) => {
        const encoded = encodeUtf8(value);
        const bytes = new Uint8Array([...before, ...encoded, 1]);

        for (const _ of [1, 2]) {
          expect(decodeRecent(bytes, before.length, encoded.length)).toBe(value);
        }
      }),
    );
  });

  it('tells texts apart that end alike, and those of which one is the start of the other', () => {
    const texts = ['a-0123456789', 'b-0123456789', '0123456789', '0123456789x', 'x0123456789'];
    for (const _ of [1, 2]) {
      expect(texts.map((value) => decode(encodeUtf8(value)))).toEqual(texts);
    }
  });

  it('never takes bytes that are no UTF-8 for a text that came in before', () => {
    // Enough of them to meet, each in one of the thousand places of the other.
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (low) => {
        const latin = low.map((byte) => byte | 0x80);
        const value = String.fromCharCode(...latin);
        expect(decode(encodeUtf8(value))).toBe(value);

        fc.pre(!Buffer.from(latin).equals(encodeUtf8(Buffer.from(latin).toString())));
        expect(() => decode(latin)).toThrow(thrownRefusal('invalid', 'no'));
      }),
      { numRuns: 20_000 },
    );
  });
});
