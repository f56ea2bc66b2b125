import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Timed, WHEEL_STEP_MS, Wheel } from '../src/machine/wheel.ts';

const REVOLUTION_MS = 256 * WHEEL_STEP_MS;

class Entry implements Timed {
  readonly deadlineMs: number;
  readonly name: string;
  readonly log: string[];
  onExpire: (nowMs: number) => void = () => {};
  wheelSlot: number | null = null;
  wheelPrevious: Timed | null = null;
  wheelNext: Timed | null = null;

  constructor(deadlineMs: number, log: string[] = [], name: string = String(deadlineMs)) {
    this.deadlineMs = deadlineMs;
    this.log = log;
    this.name = name;
  }

  expire(nowMs: number): void {
    this.log.push(this.name);
    this.onExpire(nowMs);
  }
}

function newWheel() {
  const arms: number[] = [];
  const wheel: Wheel = new Wheel(() => arms.push(wheel.size));
  return { wheel, arms, log: [] as string[] };
}

describe('Wheel', () => {
  it('expires at the deadline, not one millisecond before', () => {
    const { wheel, log } = newWheel();
    wheel.add(new Entry(2 * WHEEL_STEP_MS, log), 0);

    wheel.advance(2 * WHEEL_STEP_MS - 1);
    expect(log).toEqual([]);

    wheel.advance(2 * WHEEL_STEP_MS);
    expect(log).toEqual(['128']);
    expect(wheel.size).toBe(0);
  });

  it('is late by at most one step for a deadline within a step', () => {
    const { wheel, log } = newWheel();
    wheel.add(new Entry(100, log), 0);

    wheel.advance(127);
    expect(log).toEqual([]);

    wheel.advance(128);
    expect(log).toEqual(['100']);
  });

  it('expires a deadline that is past when it is added with the next step, never at once', () => {
    const { wheel, log } = newWheel();
    wheel.add(new Entry(10, log), 1_000);

    wheel.advance(1_000);
    expect(log).toEqual([]);

    wheel.advance(1_024);
    expect(log).toEqual(['10']);
  });

  it('expires the deadlines of one slot in the order they were added', () => {
    const { wheel, log } = newWheel();
    for (const name of ['b', 'a', 'c']) wheel.add(new Entry(64, log, name), 0);

    wheel.advance(64);

    expect(log).toEqual(['b', 'a', 'c']);
  });

  it('passes a deadline further away than one revolution by until its turn comes', () => {
    const { wheel, log } = newWheel();
    wheel.add(new Entry(REVOLUTION_MS + 64, log), 0);

    for (let nowMs = 64; nowMs <= REVOLUTION_MS; nowMs += 64) wheel.advance(nowMs);
    expect(log).toEqual([]);

    wheel.advance(REVOLUTION_MS + 64);
    expect(log).toHaveLength(1);
  });

  it('expires whatever is due after a jump of many revolutions', () => {
    const { wheel, log } = newWheel();
    wheel.add(new Entry(REVOLUTION_MS + 64, log, 'first'), 0);
    wheel.add(new Entry(5 * REVOLUTION_MS, log, 'second'), 0);
    wheel.add(new Entry(50 * REVOLUTION_MS, log, 'later'), 0);

    wheel.advance(10 * REVOLUTION_MS);

    expect(log.toSorted()).toEqual(['first', 'second']);
    expect(wheel.size).toBe(1);
  });

  it('does not go back when time does', () => {
    const { wheel, log } = newWheel();
    wheel.add(new Entry(640, log), 0);
    wheel.advance(320);

    wheel.advance(64);
    wheel.add(new Entry(384, log), 320);
    wheel.advance(384);

    expect(log).toEqual(['384']);
  });

  it('removes from the front, the middle and the back of a slot, and an entry twice', () => {
    const { wheel, log } = newWheel();
    const entries = ['a', 'b', 'c', 'd', 'e'].map((name) => new Entry(64, log, name));
    for (const entry of entries) wheel.add(entry, 0);

    for (const index of [0, 2, 4, 2]) {
      const entry = entries[index];
      if (entry !== undefined) wheel.remove(entry);
    }
    expect(wheel.size).toBe(2);
    wheel.advance(64);

    expect(log).toEqual(['b', 'd']);
    expect(wheel.size).toBe(0);
  });

  it('asks to be driven when the first entry comes, not again while there is one', () => {
    const { wheel, arms } = newWheel();
    const [a, b] = [new Entry(64), new Entry(64)];

    wheel.add(a, 0);
    wheel.add(b, 0);
    wheel.remove(a);
    wheel.remove(b);
    wheel.add(new Entry(128), 64);

    expect(arms).toEqual([1, 1]);
  });

  it('lets an expiring entry add others and remove those due with it', () => {
    const { wheel, log } = newWheel();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => {
      const entry = new Entry(64, log, name);
      wheel.add(entry, 0);
      return entry;
    });
    if (first === undefined || second === undefined) return expect.unreachable();
    first.onExpire = (nowMs) => {
      wheel.remove(second);
      wheel.add(new Entry(nowMs, log, 'added'), nowMs);
    };

    wheel.advance(64);
    expect(log).toEqual(['first', 'second', third?.name]);
    expect(wheel.size).toBe(1);

    wheel.advance(128);
    expect(log.at(-1)).toBe('added');
    expect(wheel.size).toBe(0);
  });

  // Behind all of the above: a list that is searched at every step says the same.
  it('expires what a naive list expires, whatever comes between', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: fc.integer({ min: -100, max: 40_000 }) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(30) }) },
      { weight: 3, arbitrary: fc.record({ pass: fc.nat(100) }) },
      { weight: 1, arbitrary: fc.record({ pass: fc.nat(40_000) }) },
    );
    fc.assert(
      fc.property(fc.nat(100_000), fc.array(step, { maxLength: 60 }), (startMs, steps) => {
        const both = new WheelAndList(startMs);

        for (const s of steps) {
          if ('add' in s) both.add(s.add);
          else if ('remove' in s) both.remove(s.remove);
          else both.pass(s.pass);
        }
        both.pass(100_000);

        expect(both.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

/** A wheel beside a plain list of what it holds; they are compared whenever time passes. */
class WheelAndList {
  readonly #wheel = new Wheel(() => {});
  readonly #log: string[] = [];
  // `fromMs`: the wheel owes nothing for the time before it knew of the entry.
  #held: { readonly entry: Entry; readonly fromMs: number }[] = [];
  #nowMs: number;
  #count = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get size(): number {
    return this.#wheel.size;
  }

  add(inMs: number): void {
    this.#count += 1;
    const entry = new Entry(this.#nowMs + inMs, this.#log, String(this.#count));
    this.#wheel.add(entry, this.#nowMs);
    this.#held.push({ entry, fromMs: this.#nowMs });
  }

  remove(index: number): void {
    const known = this.#held[index];
    if (known === undefined) return;
    this.#wheel.remove(known.entry);
    this.#held = this.#held.filter((other) => other !== known);
  }

  pass(ms: number): void {
    const nowMs = this.#nowMs + ms;
    this.#nowMs = nowMs;
    this.#wheel.advance(nowMs);
    for (const name of this.#log.splice(0)) {
      const at = this.#held.findIndex(({ entry }) => entry.name === name);
      expect(this.#held[at]?.entry.deadlineMs).toBeLessThanOrEqual(nowMs);
      this.#held = this.#held.toSpliced(at, 1);
    }
    for (const { entry, fromMs } of this.#held) {
      expect(Math.max(entry.deadlineMs, fromMs)).toBeGreaterThan(nowMs - WHEEL_STEP_MS);
    }
    expect(this.#wheel.size).toBe(this.#held.length);
  }
}
