import { describe, expect, it } from 'vitest';
import { againstThen } from '../src/against.ts';
import { amqp } from '../src/groups/amqp.ts';
import { processes } from '../src/groups/processes.ts';
import { remote } from '../src/groups/remote.ts';
import { ws } from '../src/groups/ws.ts';
import { GROUPS } from '../src/groups.ts';
import { compare, judgeGoals } from '../src/judge.ts';
import type { Group } from '../src/plan.ts';
import type { Cell } from '../src/report.ts';

/** A case that made so many requests in each round, and took as long for each as that says. */
function cell(name: string, rps: readonly number[]): Cell {
  const us = rps.map((perSecond) => 1_000_000 / perSecond);
  const other = { serverCpu: us, clientCpu: us, brokerCpu: us, wire: us };
  return { case: name, conc: 64, size: 100, rps, p50: us, p99: us, cpu: us, ...other };
}

const group: Group = {
  ...ws,
  cases: [
    { name: 'fast', role: 'swarm-ws' },
    { name: 'slow', role: 'raw-ws' },
  ],
  comparisons: [{ a: 'fast', b: 'slow', metric: 'cpu', inFlight: 64 }],
  goals: [
    {
      ...{ id: 'faster', text: 'twice as fast', a: 'fast', b: 'slow', metric: 'rps' },
      ...{ inFlight: 64, bound: { atLeast: 2 } },
    },
    {
      ...{ id: 'quick', text: 'quick', a: 'fast', metric: 'p50', inFlight: 64 },
      bound: { atMost: 1_000 },
    },
  ],
};

describe('comparing', () => {
  const cells = [
    cell('fast', [2_000, 3_000, 8_000, 2_000, 4_000]),
    cell('slow', [1_000, 1_000, 4_000, 1_000, 2_000]),
  ];

  it('divides within the rounds, not the medians', () => {
    const [ratio] = compare(group, cells);

    expect(ratio).toMatchObject({ a: 'fast', b: 'slow', metric: 'cpu', median: 0.5 });
  });

  it('judges goals about two cases and about one', () => {
    const [faster, quick] = judgeGoals(group, cells);

    expect(faster).toMatchObject({ id: 'faster', median: 2, verdict: 'met', target: '>= 2' });
    expect(quick).toMatchObject({ id: 'quick', b: null, verdict: 'met' });
  });

  it('is the same every time', () => {
    expect(judgeGoals(group, cells)).toEqual(judgeGoals(group, cells));
  });

  it('has no verdict for a case that has failed', () => {
    const [fast] = cells;
    const [faster, quick] = judgeGoals(group, fast === undefined ? [] : [fast]);

    expect(faster).toMatchObject({ verdict: 'unresolved', median: null });
    expect(quick).toMatchObject({ verdict: 'met' });
    expect(compare(group, [cell('fast', [2_000])])).toEqual([]);
  });

  it('has none for fewer rounds than an interval needs, but tells what they were', () => {
    const few = cells.map((one) => cell(one.case, one.rps.slice(0, 4)));

    expect(judgeGoals(group, few)).toMatchObject([
      { median: 2, verdict: 'unresolved' },
      { verdict: 'unresolved' },
    ]);
  });

  it('leaves out goals about cases that are not run', () => {
    const alone = { ...group, cases: group.cases.slice(0, 1) };

    expect(judgeGoals(alone, cells).map(({ id }) => id)).toEqual(['quick']);
  });
});

describe('the groups', () => {
  it.each(GROUPS)('$title names cases that are there, once, and measures them', (one) => {
    const names = one.cases.map(({ name }) => name);
    const counts = one.efforts.map(({ inFlight }) => inFlight);
    const mentioned = [...one.comparisons, ...one.goals];

    expect(new Set(names).size).toBe(names.length);
    const max = new Map(one.cases.map(({ name, inFlightMax }) => [name, inFlightMax ?? Infinity]));
    for (const { a, b = a, inFlight } of mentioned) {
      expect(max.get(a)).toBeGreaterThanOrEqual(inFlight);
      expect(max.get(b)).toBeGreaterThanOrEqual(inFlight);
      expect(counts).toContain(inFlight);
    }
  });

  it.each(GROUPS)('$title begins its comparisons with an A/A pair', ({ comparisons, cases }) => {
    const [{ a, b } = { a: '', b: '' }] = comparisons;
    const pair = [a, b].map((name) => cases.find((one) => one.name === name));

    expect({ ...pair[0], name: '' }).toEqual({ ...pair[1], name: '' });
  });
});

describe('against another version', () => {
  it.each([
    [amqp, ['swarm', 'swarm, by name']],
    [remote, ['swarm, Redis', 'swarm, NATS', 'swarm, AMQP']],
    [processes, [2, 4, 8].flatMap((size) => [`swarm, NATS, ${size}`, `swarm, Redis, ${size}`])],
  ])('$title has none of others', (group, expected) => {
    const { cases } = againstThen(group, { root: '/tmp/then', name: 'abc' });
    const now = cases.filter(({ root }) => root === undefined).slice(1);

    expect(now.map(({ name }) => name.replace(' processes', '')).toSorted()).toEqual(
      expected.toSorted(),
    );
    expect(cases).toHaveLength(2 * now.length + 1);
  });

  it('has our own cases of both, the first of them twice', () => {
    const both = againstThen(ws, { root: '/tmp/then', name: 'abc' });

    expect(both.cases).toEqual([
      { name: 'swarm (again)', role: 'swarm-ws' },
      { name: 'swarm', role: 'swarm-ws' },
      { name: 'swarm @ abc', role: 'swarm-ws', root: '/tmp/then' },
    ]);
    expect(both.goals).toMatchObject([
      { a: 'swarm', b: 'swarm @ abc', metric: 'cpu', inFlight: 64 },
      { a: 'swarm', b: 'swarm @ abc', metric: 'cpu', inFlight: 1 },
    ]);
  });
});
