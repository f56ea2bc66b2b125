import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTable } from '../src/machine/id-table.ts';

interface Entry {
  readonly id: number;
}

/** Of each entry, after how many others it goes: some soon, and some never. */
const stays = fc.array(fc.oneof(fc.nat(4), fc.nat(40), fc.constant(10_000)), { maxLength: 400 });

describe('IdTable', () => {
  it('does what a map does', () => {
    fc.assert(
      fc.property(stays, fc.nat(2 ** 40), (lengths, firstId) => {
        const table = new IdTable<Entry>();
        const map = new Map<number, Entry>();
        const leaves = new Map<number, number[]>();
        for (const [at, length] of lengths.entries()) {
          const entry = { id: firstId + at };
          table.set(entry.id, entry);
          map.set(entry.id, entry);
          leaves.set(at + length, [...(leaves.get(at + length) ?? []), entry.id]);
          for (const id of leaves.get(at) ?? []) {
            expect(table.delete(id)).toBe(map.delete(id));
            expect(table.delete(id)).toBe(false);
          }
        }

        expect(table.size).toBe(map.size);
        expect([...table.values()]).toEqual([...map.values()]);
        for (let at = -20; at < lengths.length + 20; at += 1) {
          expect(table.get(firstId + at)).toBe(map.get(firstId + at));
        }

        table.clear();
        expect([table.size, [...table.values()]]).toEqual([0, []]);
      }),
    );
  });
});
