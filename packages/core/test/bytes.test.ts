import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES_MAX, HeaderReader, HeaderWriter } from '../src/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../src/codec.ts';
import { text } from './arbitraries.ts';

const NOTHING = new Uint8Array();

describe('HeaderWriter', () => {
  it('writes bytes, LEB128 numbers and texts with their length', () => {
    const bytes = new HeaderWriter()
      .byte(7)
      .varint(300)
      .text('é')
      .end(new Uint8Array([9]));

    expect([...bytes]).toEqual([7, 0xac, 0x02, 2, 0xc3, 0xa9, 9]);
  });

  it('hands out bytes of their own: the next header does not change them', () => {
    const first = new HeaderWriter().text('first').end(NOTHING);
    new HeaderWriter().text('other').end(NOTHING);

    expect(new HeaderReader(first).text()).toBe('first');
  });

  it('keeps every message whole, however many there are and however long', () => {
    const sizes = fc.array(fc.oneof(fc.nat(200), fc.nat(1_500), fc.nat(9_000)), { maxLength: 300 });
    fc.assert(
      fc.property(sizes, fc.boolean(), (lengths, asText) => {
        const bodies = lengths.map((length, i) =>
          String.fromCharCode(0x61 + (i % 26)).repeat(length),
        );
        const messages = bodies.map((body, i) => {
          return new HeaderWriter().text(`m${i}`).end(asText ? body : encodeUtf8(body));
        });

        const read = messages.map((message, i) => {
          const reader = new HeaderReader(message);
          expect(reader.text()).toBe(`m${i}`);
          return decodeUtf8(reader.rest());
        });
        expect(read).toEqual(bodies);
      }),
      { numRuns: 50 },
    );
  });

  it('writes a text behind the header as UTF-8, whatever is in it', () => {
    fc.assert(
      fc.property(text, fc.nat(2_000), (part, times) => {
        const body = part.repeat(times);
        const reader = new HeaderReader(new HeaderWriter().text(part).end(body));

        expect(reader.text()).toBe(part);
        expect(decodeUtf8(reader.rest())).toBe(body);
      }),
    );
  });

  it('refuses to write two messages at a time', () => {
    const first = new HeaderWriter().text('first');
    new HeaderWriter().text('second').end('');

    expect(() => first.end('')).toThrow('two writers at a time');
  });
});

describe('HeaderReader', () => {
  it('reads what was written, and leaves the rest', () => {
    const field = fc.oneof(
      fc.record({ byte: fc.nat(255) }),
      fc.record({ varint: fc.oneof(fc.maxSafeNat(), fc.nat(300)) }),
      fc.record({ text: fc.oneof(text, fc.constantFrom('x'.repeat(127), 'x'.repeat(128))) }),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), fc.uint8Array(), (fields, body) => {
        const writer = new HeaderWriter();
        for (const f of fields) {
          if ('byte' in f) writer.byte(f.byte);
          else if ('varint' in f) writer.varint(f.varint);
          else writer.text(f.text);
        }

        const reader = new HeaderReader(writer.end(body));
        const read = fields.map((f) => {
          if ('byte' in f) return { byte: reader.byte() };
          return 'varint' in f ? { varint: reader.varint() } : { text: reader.text() };
        });

        expect(read).toEqual(fields);
        expect([reader.ok, reader.rest()]).toEqual([true, body]);
      }),
    );
  });

  it('is not ok after reading past the end, and reads nothing there', () => {
    const reader = new HeaderReader(new Uint8Array([1]));
    expect([reader.byte(), reader.ok]).toEqual([1, true]);

    expect([reader.byte(), reader.varint(), reader.text(), reader.ok]).toEqual([0, 0, '', false]);
    expect(reader.rest()).toEqual(NOTHING);
  });

  it('stays not ok, however much there is to read after', () => {
    const bytes = new Uint8Array(20);
    bytes[0] = 100;
    const reader = new HeaderReader(bytes);

    expect([reader.text(), reader.ok]).toEqual(['', false]);
    expect([reader.text(), reader.ok]).toEqual(['', false]);
  });

  it('refuses a number that is no safe integer, however long it is', () => {
    const safe = new HeaderWriter().varint(Number.MAX_SAFE_INTEGER).end(NOTHING);
    expect(new HeaderReader(safe).varint()).toBe(Number.MAX_SAFE_INTEGER);

    for (const bytes of [
      new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]),
      new Uint8Array(1_000).fill(0x80),
      new Uint8Array(1_000).fill(0xff),
    ]) {
      const reader = new HeaderReader(bytes);
      expect([reader.varint(), reader.ok]).toEqual([0, false]);
    }
  });

  it('refuses a text that is cut short, is no UTF-8, or is longer than any header', () => {
    const long = encodeUtf8('x'.repeat(HEADER_BYTES_MAX + 1));
    for (const bytes of [
      [2, 0x61],
      [1, 0xff],
      [...new HeaderWriter().varint(long.length).end(NOTHING), ...long],
    ]) {
      const reader = new HeaderReader(Uint8Array.from(bytes));
      expect([reader.text(), reader.ok]).toEqual(['', false]);
    }
  });
});
