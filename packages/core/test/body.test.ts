import { describe, expect, it } from 'vitest';
import { Body, ENCODING_JSON, NULL_BODY } from '../src/body.ts';
import { decodeUtf8, encodeUtf8 } from '../src/codec.ts';
import { thrownRefusal } from './hosts.ts';

describe('Body', () => {
  it('holds what its value was when it was made', () => {
    const value = { list: [1] };
    const body = Body.of(value);

    value.list.push(2);

    expect(body.value).toEqual({ list: [1] });
    expect(body.json).toBe('{"list":[1]}');
    expect(decodeUtf8(body.bytes)).toBe('{"list":[1]}');
  });

  it('refuses at once what cannot be encoded', () => {
    expect(() => Body.of(1n)).toThrow(TypeError);
  });

  it('decodes once, and only when asked', () => {
    const body = Body.received(encodeUtf8('{"a":1}'), ENCODING_JSON);

    expect(body.value).toBe(body.value);
    expect(body.value).toEqual({ a: 1 });
  });

  it('passes received bytes on untouched', () => {
    const bytes = encodeUtf8(' {"a" : 1 } ');
    const body = Body.received(bytes, ENCODING_JSON);

    expect(body.bytes).toBe(bytes);
    expect(body.copy().bytes).toBe(bytes);
    expect(Body.received(new Uint8Array([1]), 9).copy().encoding).toBe(9);
  });

  it('parses and writes again what goes to a socket as text', () => {
    expect(Body.received(encodeUtf8(' {"a" : 1 } '), ENCODING_JSON).json).toBe('{"a":1}');
    expect(Body.decoded({ a: 1 }).json).toBe('{"a":1}');
  });

  it('refuses bytes it cannot read', () => {
    const refused = (bytes: Uint8Array, encoding = ENCODING_JSON) => {
      const body = Body.received(bytes, encoding);
      return [() => body.value, () => body.json, () => body.fits(10) && body.value];
    };

    for (const bytes of [encodeUtf8('{'), new Uint8Array([0xff]), new Uint8Array()]) {
      for (const read of refused(bytes)) expect(read).toThrow(thrownRefusal('invalid', 'no'));
    }
    for (const read of refused(encodeUtf8('1'), 7)) {
      expect(read).toThrow(thrownRefusal('incompatible', 'no'));
    }
  });

  it('measures what it takes in bytes', () => {
    for (const body of [Body.of('é'), Body.decoded('é'), Body.received(encodeUtf8('"é"'), 0)]) {
      expect([body.fits(4), body.fits(3)]).toEqual([true, false]);
    }
  });

  it('never shares its value with a copy', () => {
    for (const body of [Body.of([1]), Body.decoded([1]), Body.received(encodeUtf8('[1]'), 0)]) {
      const copy = body.copy();
      expect(copy.value).toEqual([1]);
      expect(copy.value).not.toBe(body.value);
    }
  });

  it('is null where handlers returned nothing', () => {
    expect(NULL_BODY.value).toBeNull();
  });
});
