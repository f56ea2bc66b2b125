import { describe, expect, it } from 'vitest';
import type { Incident } from '../src/chaos/incident.ts';
import { type Broken, judge } from '../src/chaos/verdict.ts';
import type { Entry, Happening, Outcome } from '../src/trace.ts';

const OK: Outcome = { ok: true, value: 5 };

function failure(subtype: string, delivered: string): Outcome {
  const rest = { type: 'protocol', code: null, message: null, data: null };
  return { ok: false, subtype, delivered, ...rest };
}

/** Entries 10 ms apart, of actors that have a node each, named like them but in capitals. */
function traceOf(...happenings: readonly [actor: string, happening: Happening][]): Entry[] {
  const beginning: readonly [string, Happening][] = ['a', 'b'].flatMap((actor) => [
    [actor, { what: 'linked' }],
    [actor, { what: 'joined', node: actor.toUpperCase() }],
  ]);
  return [...beginning, ...happenings].map(([actor, happening], index) => {
    return { actor, atMs: index * 10, ...happening };
  });
}

function asked(label: string, to: string): Happening {
  const asking = { label, side: 'node', from: 'A', kind: 'server', to } as const;
  return { what: 'asked', ...asking, name: 'linger', args: [5] };
}

function ran(label: string, node: string): Happening {
  const handler = { label, side: 'node', kind: 'server', node } as const;
  return { what: 'ran', ...handler, sender: 'A', name: 'linger', args: [5] };
}

function settled(label: string, outcome: Outcome): Happening {
  return { what: 'outcome', label, outcome };
}

/** A fault that was there from and to then, and that everybody has recovered from at once. */
function incident(fromMs: number, toMs: number, rest: Partial<Incident> = {}): Incident {
  const span = { fromMs, toMs };
  return { fault: 'f', span, isHarmless: false, frozen: [], recoveryMs: [0], ...rest };
}

const NOTHING_BROKEN = {
  unsettled: [],
  settledTwice: [],
  settledLate: [],
  ranTwice: [],
  ranThoughNo: [],
  wronglyAnswered: [],
  failedWithin: [],
  failedOutside: [],
  outlivedLink: [],
  ranTooEarly: [],
  skipped: [],
};

describe('a verdict', () => {
  it('has nothing against a request that ran once and was answered once', () => {
    const { broken, counts, covered } = judge(
      traceOf(['a', asked('1', 'B')], ['b', ran('1', 'B')], ['a', settled('1', OK)]),
    );

    expect(broken).toEqual(NOTHING_BROKEN);
    expect(counts).toEqual({ asked: 1, ok: 1, no: 0, unknown: 0 });
    expect(covered).toEqual({ requests: 1, ok: 1 });
  });

  it.each<[keyof Broken, [actor: string, happening: Happening][]]>([
    ['unsettled', [['b', ran('1', 'B')]]],
    [
      'settledTwice',
      [
        ['b', ran('1', 'B')],
        ['a', settled('1', OK)],
        ['a', settled('1', OK)],
      ],
    ],
    [
      'ranTwice',
      [
        ['b', ran('1', 'B')],
        ['b', ran('1', 'B')],
        ['a', settled('1', OK)],
      ],
    ],
    [
      'ranThoughNo',
      [
        ['b', ran('1', 'B')],
        ['a', settled('1', failure('closed', 'no'))],
      ],
    ],
    ['wronglyAnswered', [['a', settled('1', OK)]]],
    [
      'wronglyAnswered',
      [
        ['b', ran('1', 'B')],
        ['a', settled('1', { ok: true, value: 6 })],
      ],
    ],
  ])('names a request that is %s', (rule, rest) => {
    const trace = traceOf(['a', asked('1', 'B')], ...rest);

    expect(judge(trace).broken[rule]).toEqual(['1']);
  });

  it('names a request that failed although it had no way to go', () => {
    const trace = traceOf(['a', asked('1', 'A')], ['a', settled('1', failure('closed', 'no'))]);

    expect(judge(trace)).toMatchObject({
      broken: { failedWithin: ['1'] },
      covered: { requests: 0 },
    });
  });

  it('names a request that was not settled with its link', () => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      ['a', { what: 'unlinked' }],
      ['a', { what: 'linked' }],
      ['a', settled('1', failure('timeout', 'unknown'))],
    );

    expect(judge(trace).broken.outlivedLink).toEqual(['1']);
  });

  it('names a request that overtook another one', () => {
    const node = `${'b'.repeat(16)}-${'b'.repeat(26)}`;
    const [first, second] = [asked('1', node), asked('2', node)];

    const trace = traceOf(
      ['b', { what: 'joined', node }],
      ['a', first],
      ['a', second],
      ['b', ran('2', node)],
      ['b', ran('1', node)],
    );

    expect(judge(trace).broken.ranTooEarly).toEqual(['2']);
  });

  it('names a request that got lost on the way of others', () => {
    const node = `${'b'.repeat(16)}-${'b'.repeat(26)}`;
    const lost = settled('1', failure('closed', 'unknown'));
    const [first, second] = [asked('1', node), asked('2', node)];

    const joined: [string, Happening] = ['b', { what: 'joined', node }];
    const run: [string, Happening] = ['b', ran('2', node)];
    const late = traceOf(joined, ['a', first], ['a', second], run, ['a', lost]);
    const early = traceOf(joined, ['a', first], ['a', lost], ['a', second], run);

    expect(judge(late).broken.skipped).toEqual(['1']);
    expect(judge(early).broken.skipped).toEqual([]);
  });

  it.each(['a', 'b'])('promises no order across two links of %s', (actor) => {
    const node = `${'b'.repeat(16)}-${'b'.repeat(26)}`;
    const trace = traceOf(
      ['b', { what: 'joined', node }],
      ['a', asked('1', node)],
      [actor, { what: 'unlinked' }],
      [actor, { what: 'linked' }],
      ['a', asked('2', node)],
      ['b', ran('2', node)],
      ['b', ran('1', node)],
    );

    expect(judge(trace).broken).toMatchObject({ ranTooEarly: [], skipped: [] });
  });

  it('does not cover what was in flight when the broker was killed', () => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      ['a', settled('1', failure('timeout', 'unknown'))],
    );

    expect(judge(trace, [incident(45, 48)]).covered).toEqual({ requests: 0, ok: 0 });
    expect(judge(trace, [incident(55, 60)]).covered).toEqual({ requests: 1, ok: 0 });
  });

  it('does not cover what was asked before everybody had recovered', () => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      ['a', settled('1', failure('timeout', 'unknown'))],
    );

    const early = [incident(10, 20, { recoveryMs: [5, 15] })];
    const late = [incident(10, 20, { recoveryMs: [5, 25] })];

    expect(judge(trace, early).broken.failedOutside).toEqual(['1']);
    expect(judge(trace, late).broken.failedOutside).toEqual([]);
  });

  it('covers what was in flight during a fault that may do no harm', () => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      ['a', settled('1', failure('timeout', 'unknown'))],
    );

    const { broken } = judge(trace, [incident(0, 100, { isHarmless: true })]);

    expect(broken.failedOutside).toEqual(['1']);
  });

  it('excuses a chosen id that is asked for just after its process is linked', () => {
    const unreachable = failure('unreachable', 'no');
    const soon = traceOf(['a', asked('1', 'B')], ['a', settled('1', unreachable)]);
    const late = soon.map((entry, index) => {
      return index > 3 ? { ...entry, atMs: entry.atMs + 2_000 } : entry;
    });
    const otherwise = traceOf(['a', asked('1', 'B')], ['a', settled('1', failure('closed', 'no'))]);

    const node = `${'b'.repeat(16)}-${'b'.repeat(26)}`;
    const generated = traceOf(
      ['b', { what: 'joined', node }],
      ['a', asked('1', node)],
      ['a', settled('1', unreachable)],
    );

    expect(judge(soon).broken.failedOutside).toEqual([]);
    expect(judge(generated).broken.failedOutside).toEqual(['1']);
    expect(judge(late).broken.failedOutside).toEqual(['1']);
    expect(judge(otherwise).broken.failedOutside).toEqual(['1']);
  });

  it('names a request that was settled late, but not for the time its process stood still', () => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      ['a', settled('1', failure('timeout', 'unknown'))],
    );
    const late = trace.map((entry, index) => {
      return index > 4 ? { ...entry, atMs: entry.atMs + 2_000 } : entry;
    });
    const still = (actor: string) => [incident(60, 1_560, { frozen: [actor] })];

    expect(judge(late, [], 900).broken.settledLate).toEqual(['1']);
    expect(judge(late, [], 1_500).broken.settledLate).toEqual([]);
    expect(judge(late, still('a'), 900).broken.settledLate).toEqual([]);
    expect(judge(late, still('b'), 900).broken.settledLate).toEqual(['1']);
  });

  it.each(['a', 'b'])('does not cover what failed with the link of %s', (actor) => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      [actor, { what: 'unlinked' }],
      ['a', settled('1', failure('closed', 'unknown'))],
    );

    expect(judge(trace).covered).toEqual({ requests: 0, ok: 0 });
  });

  it('does not cover what was asked before the link was there again', () => {
    const trace = traceOf(
      ['b', { what: 'unlinked' }],
      ['a', asked('1', 'B')],
      ['b', { what: 'linked' }],
      ['a', settled('1', failure('unreachable', 'no'))],
    );

    expect(judge(trace).covered).toEqual({ requests: 0, ok: 0 });
  });

  it('covers what failed although both links were there', () => {
    const trace = traceOf(
      ['a', asked('1', 'B')],
      ['a', settled('1', failure('unreachable', 'no'))],
    );

    expect(judge(trace)).toMatchObject({
      covered: { requests: 1, ok: 0 },
      coveredFailures: { 'unreachable/no': 1 },
    });
  });

  it('covers what was lost, and failed with the next link only', () => {
    const [lost, end] = [settled('1', failure('closed', 'unknown')), { what: 'unlinked' } as const];
    const trace = traceOf(['a', asked('1', 'B')], ['b', end], ['a', end], ['a', lost]);
    const late = trace.map((entry, index) => {
      return index > 4 ? { ...entry, atMs: entry.atMs + 2_000 } : entry;
    });

    expect(judge(trace).covered).toEqual({ requests: 0, ok: 0 });
    expect(judge(late).covered).toEqual({ requests: 1, ok: 0 });
  });
});
