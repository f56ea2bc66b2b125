import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CROSSING_MS, Ownership } from '../src/machine/ownership.ts';
import { nth, OTHER, OWN, RouterRecorder, routerConfig, thrownRefusal } from './hosts.ts';

function newOwnership(takeover: 'newest' | 'oldest' = 'newest') {
  const host = new RouterRecorder();
  const owned = new Ownership<string>(host, routerConfig({}, takeover));
  host.onEvict = (node) => {
    for (const [id, present] of owned.nodes) {
      if (present === node) owned.remove(id, node, 'evicted');
    }
  };
  return { host, owned };
}

describe('Ownership in one process', () => {
  it('reports who joins and who leaves', () => {
    const { host, owned } = newOwnership();

    owned.add('id', 'node');
    expect([...owned.nodes]).toEqual([['id', 'node']]);
    owned.remove('id', 'node', 'gone');
    owned.remove('id', 'node', 'gone again');

    expect(host.membership).toEqual(['joined id node', 'left id node gone']);
    expect(owned.nodes.size).toBe(0);
  });

  it('newest: replaces the present owner, who has left before the new one joins', () => {
    const { host, owned } = newOwnership('newest');

    owned.add('id', 'old');
    owned.add('id', 'new');

    expect(host.membership).toEqual([
      'joined id old',
      'evict old replaced',
      'left id old evicted',
      'joined id new',
    ]);
    expect(owned.nodes.get('id')).toBe('new');
  });

  it('oldest: refuses the new one', () => {
    const { host, owned } = newOwnership('oldest');
    owned.add('id', 'old');

    expect(() => owned.add('id', 'new')).toThrow(thrownRefusal('forbidden', 'no'));

    expect(owned.nodes.get('id')).toBe('old');
    expect(host.membership).toEqual(['joined id old']);
  });

  it('does not remove the present owner for one it replaced', () => {
    const { owned } = newOwnership();
    owned.add('id', 'present');

    owned.remove('id', 'replaced', 'late');

    expect(owned.nodes.get('id')).toBe('present');
  });
});

/** Process ids that compare as higher and lower than {@link OWN}. */
const HIGHER = 'zzzzzzzzzzzzzzzz';
const LOWER = 'aaaaaaaaaaaaaaaa';

describe('Ownership between processes', () => {
  it('yields to a claim of a higher rank, and objects to a lower one with its own', () => {
    for (const takeover of ['newest', 'oldest'] as const) {
      const { host, owned } = newOwnership(takeover);
      owned.add('id', 'node');
      const rank = owned.claim('id', 0);

      expect(owned.claimed('id', LOWER, rank, 0)).toEqual({ kind: 'taken', rank });
      expect(owned.nodes.get('id')).toBe('node');
      expect(owned.claimed('id', HIGHER, rank, 0)).toBeNull();

      const reason = takeover === 'newest' ? 'replaced' : 'taken';
      expect(host.membership).toContain(`evict node ${reason}`);
      expect(owned.nodes.size).toBe(0);
    }
  });

  it('newest: claims again, higher, when an older owner objects', () => {
    const { owned } = newOwnership('newest');
    owned.add('id', 'node');
    owned.claim('id', 0);

    expect(owned.taken('id', HIGHER, 7, 0)).toEqual({ kind: 'claim', rank: 8 });
    // By now it has more than the objection was made with.
    expect(owned.taken('id', HIGHER, 7, 0)).toBeNull();

    expect(owned.nodes.get('id')).toBe('node');
  });

  it('newest: gives up a claim that was heard and is only renewed, when somebody objects', () => {
    const { host, owned } = newOwnership('newest');
    owned.add('id', 'node');
    expect(owned.claim('id', 0)).toBe(1);
    owned.lost();
    expect(owned.claim('id', 0)).toBe(1);
    owned.claimed('id', OWN, 1, 0);
    owned.lost();
    expect(owned.claim('id', 0)).toBe(0);

    expect(owned.taken('id', LOWER, 1, 0)).toBeNull();

    expect(host.membership).toContain('evict node replaced');
  });

  it('claims again by the same link with the rank that it has', () => {
    const { owned } = newOwnership('newest');
    owned.add('id', 'node');
    owned.claim('id', 0);
    owned.taken('id', HIGHER, 7, 0);
    expect(owned.claim('id', 0)).toBe(8);
    owned.claimed('id', OWN, 8, 0);

    expect(owned.claim('id', 0)).toBe(8);
  });

  it('newest: claims nothing higher than can be written', () => {
    const { host, owned } = newOwnership('newest');
    owned.add('id', 'node');
    owned.claim('id', 0);

    expect(owned.taken('id', LOWER, Number.MAX_SAFE_INTEGER, 0)).toBeNull();

    expect(host.membership).toContain('evict node replaced');
  });

  it('oldest: outranks new claims once its own has stood for a while, renewed or not', () => {
    const { owned } = newOwnership('oldest');
    owned.add('id', 'node');
    expect(owned.claim('id', 1_000)).toBe(0);
    expect(owned.claimed('id', OWN, 0, 1_000)).toBeNull();
    expect(owned.claimed('id', LOWER, 0, 1_000)).toEqual({ kind: 'taken', rank: 0 });

    expect(owned.claimed('id', OWN, 0, 1_000 + 2 * CROSSING_MS)).toBeNull();
    const laterMs = 1_000 + CROSSING_MS;
    expect(owned.claimed('id', HIGHER, 0, laterMs)).toEqual({ kind: 'taken', rank: 1 });
    expect(owned.taken('id', HIGHER, 0, laterMs)).toEqual({ kind: 'taken', rank: 1 });
    expect(owned.claim('id', laterMs)).toBe(1);
  });

  it('oldest: is no older before its claim came back, and where that took long, before thrice that', () => {
    const { owned } = newOwnership('oldest');
    owned.add('id', 'node');
    owned.claim('id', 0);
    expect(owned.claimed('id', LOWER, 0, 10_000)).toEqual({ kind: 'taken', rank: 0 });

    owned.claimed('id', OWN, 0, 20_000);

    expect(owned.claimed('id', LOWER, 0, 59_999)).toEqual({ kind: 'taken', rank: 0 });
    expect(owned.claimed('id', LOWER, 0, 60_000)).toEqual({ kind: 'taken', rank: 1 });
  });

  it('has nothing to say about an id it does not own, or has not claimed yet', () => {
    for (const takeover of ['newest', 'oldest'] as const) {
      const { host, owned } = newOwnership(takeover);
      owned.add('unclaimed', 'node');
      for (const id of ['id', 'unclaimed']) {
        expect(owned.claimed(id, OTHER, 9, 0)).toBeNull();
        expect(owned.taken(id, OTHER, 9, 0)).toBeNull();
      }

      expect(host.membership).toEqual(['joined unclaimed node']);
    }
  });

  it('forgets a claim with the node it was made for', () => {
    const { owned } = newOwnership('newest');
    owned.add('id', 'first');
    owned.claim('id', 0);
    owned.taken('id', HIGHER, 7, 0);
    owned.remove('id', 'first', 'gone');
    owned.add('id', 'second');

    expect(owned.claimed('id', HIGHER, 9, 0)).toBeNull();
    expect(owned.claim('id', 0)).toBe(1);
    expect(owned.nodes.get('id')).toBe('second');
  });
});

// Behind all of the above: processes that claim one id at arbitrary moments, over links that keep
// the order of each sender but of no two, end with exactly one owner.
describe('Ownership of one id by many', () => {
  const step = fc.record({ from: fc.nat(2), to: fc.nat(2), ms: fc.nat(60) });
  const plan = fc.record({
    takeover: fc.constantFrom('newest' as const, 'oldest' as const),
    joins: fc.array(fc.nat(2), { minLength: 2, maxLength: 4 }),
    /** Who claims again what it has, after each of these. */
    healings: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
    gaps: fc.array(fc.nat(6), { minLength: 4, maxLength: 4 }),
    steps: fc.array(step, { maxLength: 60 }),
  });

  it('leaves one owner, in whatever order claims are heard', () => {
    fc.assert(
      fc.property(plan, ({ takeover, joins, healings, gaps, steps }) => {
        const parted = new Parted(takeover);
        const rest = [...steps];
        for (const [at, process] of joins.entries()) {
          parted.join(process);
          for (const { from, to, ms } of rest.splice(0, gaps[at])) parted.carry(from, to, ms);
          parted.healed(nth(healings, at));
        }
        for (const { from, to, ms } of rest) parted.carry(from, to, ms);
        parted.carryAll();

        expect(parted.owners).toHaveLength(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves the one that is meant, when the claims do not cross', () => {
    const rounds = fc.array(fc.nat(2), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom('newest' as const, 'oldest' as const),
        rounds,
        (takeover, joins) => {
          const parted = new Parted(takeover);
          for (const process of joins) {
            parted.join(process);
            parted.carryAll();
            parted.nowMs += CROSSING_MS;
          }

          const meant = takeover === 'newest' ? joins.at(-1) : joins[0];
          expect(parted.owners).toEqual([meant]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

interface Said {
  readonly kind: 'claim' | 'taken';
  readonly process: number;
  readonly rank: number;
}

const PROCESSES = [LOWER, OTHER, HIGHER];

/** Three processes, and between every two of them a line that keeps its order. */
class Parted {
  nowMs = 0;
  readonly #ends: readonly { owned: Ownership<string>; isHeard: boolean }[];
  readonly #lines: readonly Said[][][] = PROCESSES.map(() => PROCESSES.map(() => []));

  constructor(takeover: 'newest' | 'oldest') {
    this.#ends = PROCESSES.map((process) => {
      const host = new RouterRecorder();
      const owned = new Ownership<string>(host, { ...routerConfig({}, takeover), process });
      host.onEvict = () => owned.remove('id', 'node', 'evicted');
      return { owned, isHeard: false };
    });
  }

  get owners(): readonly number[] {
    return [...PROCESSES.keys()].filter((at) => nth(this.#ends, at).owned.nodes.has('id'));
  }

  /** A node is made; its process listens to the id from then on. */
  join(process: number): void {
    const end = nth(this.#ends, process);
    if (end.owned.nodes.has('id')) return;
    end.isHeard = true;
    end.owned.add('id', 'node');
    this.#claim(process, end.owned.claim('id', this.nowMs));
  }

  /** Claims again by the same link, which nobody else may know. */
  healed(process: number): void {
    const { owned } = nth(this.#ends, process);
    if (owned.nodes.has('id')) this.#claim(process, owned.claim('id', this.nowMs));
  }

  carry(from: number, to: number, ms = 0): void {
    this.nowMs += ms;
    const said = nth(nth(this.#lines, from), to).shift();
    if (said === undefined) return;
    const { owned } = nth(this.#ends, to);
    const process = nth(PROCESSES, said.process);
    const heard = said.kind === 'claim' ? owned.claimed : owned.taken;
    const rejoinder = heard.call(owned, 'id', process, said.rank, this.nowMs);
    if (rejoinder?.kind === 'claim') this.#claim(to, rejoinder.rank);
    if (rejoinder?.kind === 'taken') {
      nth(nth(this.#lines, to), said.process).push({ ...rejoinder, process: to });
    }
  }

  carryAll(): void {
    for (let round = 0; round < 1_000; round += 1) {
      if (this.#lines.flat(2).length === 0) return;
      for (const from of PROCESSES.keys()) for (const to of PROCESSES.keys()) this.carry(from, to);
    }
    throw new Error('they never stop talking');
  }

  #claim(process: number, rank: number): void {
    for (const [to, end] of this.#ends.entries()) {
      if (end.isHeard) nth(nth(this.#lines, process), to).push({ kind: 'claim', process, rank });
    }
  }
}
