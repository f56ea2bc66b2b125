import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  escapeId,
  inboxSubject,
  isNamespace,
  NODE_ID_BYTES,
  nodeId,
  nodeSubject,
  PROCESS_ID_BYTES,
  processId,
  processOf,
} from '../src/address.ts';
import { decodeUtf8 } from '../src/codec.ts';
import { nodeIds } from './arbitraries.ts';

const process = processId(new Uint8Array(PROCESS_ID_BYTES));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('generated ids', () => {
  it('carry their process', () => {
    fc.assert(
      fc.property(bytes(PROCESS_ID_BYTES), bytes(NODE_ID_BYTES), (own, random) => {
        const owner = processId(own);

        expect(owner).toMatch(/^[a-z2-7]{16}$/);
        expect(processOf(nodeId(owner, random))).toBe(owner);
      }),
    );
  });

  it('are base32 as RFC 4648 has it, in small letters and without padding', () => {
    expect(processId(new TextEncoder().encode('foobar'))).toBe('mzxw6ytboi');
    expect(processId(new Uint8Array([0xff]))).toBe('74');
    expect(processId(new Uint8Array())).toBe('');
  });

  it('differ in every bit of chance', () => {
    fc.assert(
      fc.property(bytes(NODE_ID_BYTES), fc.nat(NODE_ID_BYTES * 8 - 1), (random, bit) => {
        const other = random.slice();
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));

        expect(nodeId(process, other)).not.toBe(nodeId(process, random));
      }),
    );
  });

  it('are not what somebody chose, however close', () => {
    const generated = nodeId(process, new Uint8Array(NODE_ID_BYTES));

    expect(processOf(generated)).toBe(process);
    for (const id of ['', 'me', process, `${generated}a`, generated.slice(1), `${generated}\n`]) {
      expect(processOf(id)).toBeNull();
    }
    expect(processOf(generated.toUpperCase())).toBeNull();
  });
});

describe('subjects', () => {
  it('say namespace, kind and id', () => {
    expect(inboxSubject('app', process)).toBe(`app.p.${process}`);
    expect(nodeSubject('app', 'me')).toBe('app.n.me');
    expect(nodeSubject('app', 'a.b c=é')).toBe('app.n.a=2eb=20c=3d=c3=a9');
  });

  it('are safe for every adapter, whatever the id is', () => {
    fc.assert(fc.property(nodeIds, (id) => /^[A-Za-z0-9_=-]+$/.test(escapeId(id))));
    expect(escapeId('\u0001\n')).toBe('=01=0a');
  });

  it('lead back to the id, so that no two ids share one', () => {
    fc.assert(
      fc.property(nodeIds, (id) => {
        expect(unescapeId(escapeId(id))).toBe(id);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keep plain ids as they are', () => {
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9_-]+$/), (id) => escapeId(id) === id));
  });
});

describe('a namespace', () => {
  it('is one safe word of at most 64 characters', () => {
    expect(['swarm', 'a-b_C9', 'x'.repeat(64)].map(isNamespace)).toEqual([true, true, true]);
    for (const bad of ['', 'x'.repeat(65), 'a.b', 'a*', 'é', 'a\n', 7, null]) {
      expect(isNamespace(bad)).toBe(false);
    }
  });
});

function unescapeId(escaped: string): string {
  const units: number[] = [];
  for (let i = 0; i < escaped.length; i += 1) {
    const isEscape = escaped[i] === '=';
    units.push(isEscape ? Number.parseInt(escaped.slice(i + 1, i + 3), 16) : escaped.charCodeAt(i));
    if (isEscape) i += 2;
  }
  return decodeUtf8(Uint8Array.from(units));
}
