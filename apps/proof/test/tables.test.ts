import { describe, expect, it } from 'vitest';
import { SERVER_KILLED } from '../src/chaos/fault.ts';
import type { ChaosResult } from '../src/chaos/result.ts';
import type { ScenarioResult } from '../src/comparison.ts';
import { SCENES } from '../src/scenario.ts';
import { documents } from '../src/tables/documents.ts';
import { guaranteeTable } from '../src/tables/guarantee-table.ts';
import { replaceBetween } from '../src/tables/markdown.ts';

const STEPS = SCENES.flatMap(({ steps }) => steps.map(({ name }) => name));

function scenario(differences = 0, steps: readonly string[] = STEPS): ScenarioResult {
  const figures = { entries: 10, messages: 10, unreachableMs: 0, closedMs: 7 };
  return { steps, runs: [{ processes: 2, differences, ...figures }] };
}

const BROKEN = {
  ...{ unsettled: 0, settledTwice: 0, settledLate: 0, ranTwice: 0, ranThoughNo: 0 },
  ...{ wronglyAnswered: 0, failedWithin: 0, failedOutside: 0, outlivedLink: 0 },
  ...{ ranTooEarly: 0, skipped: 0 },
};

function chaos(broken: Partial<ChaosResult['broken']> = {}, max = 900): ChaosResult {
  const counts = { asked: 1_234, ok: 1_000, no: 200, unknown: 34 };
  const fault = { fault: 'f', times: 1, ...counts, broken: BROKEN };
  return {
    ...{ seed: 1, seconds: 10, messages: 99, counts, broken: { ...BROKEN, ...broken } },
    ...{ covered: { requests: 9, ok: 9 }, coveredFailures: {} },
    faults: [{ ...fault, recoveryMs: { median: 5, max } }],
  };
}

/** What the table says of a promise for memory and Redis. */
function cells(promise: string, results: Parameters<typeof guaranteeTable>[0]): string[] {
  const row = guaranteeTable(results, '')
    .split('\n')
    .find((line) => line.includes(promise));
  return (row ?? '').split(' | ').slice(1, 3);
}

describe('the table of guarantees', () => {
  it('says yes for what every run has shown, and marks what memory has no broker for', () => {
    const results = { scenario: { memory: scenario(), redis: scenario() }, chaos: {} };

    expect(cells('Oversize', results)).toEqual(['yes', 'yes']);
    expect(cells('pushes back', results)).toEqual(['yes ¹', 'yes']);
    expect(cells('A lost link', results)).toEqual(['yes ¹: 7 ms', 'yes: 7 ms']);
    const withChaos = { ...results, chaos: { memory: chaos(), redis: chaos() } };
    expect(cells('runs twice', withChaos)).toEqual([
      'yes ¹: 0 of 1,234 broke it',
      'yes: 0 of 1,234 broke it',
    ]);
  });

  it('says what is untested', () => {
    const results = { scenario: { redis: scenario(0, ['time is over']) }, chaos: {} };

    expect(cells('Oversize', results)).toEqual(['untested', 'untested']);
    expect(cells('runs twice', { scenario: { redis: scenario() }, chaos: {} })).toEqual([
      'untested',
      'yes: untested by chaos',
    ]);
  });

  it('says no for a scenario that differs, and for a rule that chaos broke', () => {
    const different = { scenario: { redis: scenario(1) }, chaos: {} };
    const broken = { scenario: { redis: scenario() }, chaos: { redis: chaos({ ranTwice: 2 }) } };
    const slow = { scenario: { redis: scenario() }, chaos: { redis: chaos({}, 2_001) } };

    expect(cells('Oversize', different)[1]).toBe('**no**');
    expect(cells('runs twice', broken)[1]).toBe('**no**: 2 of 1,234 broke it');
    expect(cells('settles exactly once', broken)[1]).toBe('yes: 0 of 1,234 broke it');
    expect(cells('recovers by itself', slow)[1]).toBe('**no**: at most 2,001 ms');
  });
});

describe('the table of guarantees of clusters', () => {
  const slow = { ...chaos(), faults: [...chaos().faults, killing(3_000)] };

  it('says how long it takes without one of the servers, and judges the rest without that', () => {
    const results = { scenario: { 'nats-cluster': scenario() }, chaos: { 'nats-cluster': slow } };
    const table = guaranteeTable(results, '../', ['nats-cluster']);

    expect(table).toContain('(../apps/proof/src/steps/');
    expect(table).toMatch(/one of its servers is killed.*\| yes: 5 ms, at most 3,000 ms \|/);
    expect(table).toMatch(/recovers by itself.*\| yes: at most 900 ms \|/);
    expect(table).not.toContain('¹');
  });

  it('says no when a rule was broken then, or nobody was killed', () => {
    const broken = [{ ...killing(1), broken: { ...BROKEN, ranTwice: 1 } }];
    for (const faults of [broken, []]) {
      const found = { ...chaos(), faults };
      const results = {
        scenario: { 'nats-cluster': scenario() },
        chaos: { 'nats-cluster': found },
      };
      const table = guaranteeTable(results, '', ['nats-cluster']);
      expect(table).toMatch(/one of its servers is killed.*\| \*\*no\*\*/);
    }
  });

  function killing(max: number): ChaosResult['faults'][number] {
    const [fault] = chaos({}, max).faults as [ChaosResult['faults'][number]];
    return { ...fault, fault: SERVER_KILLED };
  }
});

describe('a place in a document', () => {
  it('gets another text, and nothing else changes', () => {
    const document = 'a\n<!-- t -->\nold\n<!-- /t -->\nb';

    expect(replaceBetween(document, 't', 'new')).toBe('a\n<!-- t -->\nnew\n<!-- /t -->\nb');
    expect(() => replaceBetween(document, 'u', 'new')).toThrow('no place for u');
  });
});

it('documents have the tables of the results', async () => {
  for (const { path, is, should } of await documents()) expect(is, path).toBe(should);
});
