import { isCloseCode } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { closeFrame, decodeText, readClose } from '../src/frame.ts';

describe('a close frame', () => {
  it('cuts a reason that is too long at a whole character', () => {
    const frame = closeFrame({ code: 4321, reason: 'é'.repeat(100) });

    expect(readClose(frame.subarray(5))).toEqual({ code: 4321, reason: 'é'.repeat(61) });
  });

  it.each<[string, Buffer]>([
    ['no code', Buffer.alloc(0)],
    ['half a code', Buffer.from([3])],
    ['a code nobody may send', Buffer.from([0x03, 0xee])],
    ['a reason that is not UTF-8', Buffer.from([0x03, 0xe8, 0xc3, 0x28])],
    ['a reason over 123 bytes', Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.alloc(124, 'x')])],
  ])('with %s is none', (_what, payload) => {
    expect(readClose(payload)).toBeNull();
  });

  it('carries exactly the codes that one of a WebSocket may carry', () => {
    const codes = Array.from({ length: 65_536 }, (_, code) => code).filter(isCloseCode);

    const standard = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    expect(codes).toEqual([...standard, ...Array.from({ length: 2_000 }, (_, i) => 3_000 + i)]);
  });
});

describe('text', () => {
  it.each(['', 'é€😀', '\uFEFFx', '\uFFFD of its own', '\0'])('%j is what it was', (text) => {
    expect(decodeText(Buffer.from(text))).toBe(text);
  });

  it.each<[string, number[]]>([
    ['cut short', [0xc3]],
    ['broken', [0x61, 0xc3, 0x28]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['with a replacement of its own, and broken', [0xef, 0xbf, 0xbd, 0xff]],
  ])('that is %s is none', (_what, bytes) => {
    expect(decodeText(Buffer.from(bytes))).toBeNull();
  });
});
