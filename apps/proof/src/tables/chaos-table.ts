import { SWARMS, type SwarmName } from '../brokers.ts';
import { FAULT_NAMES } from '../chaos/plan.ts';
import type { ChaosResult, FaultResult, Tally } from '../chaos/result.ts';
import { grouped, TITLES, tableOf } from './markdown.ts';
import type { Results } from './results.ts';

const HEAD = [
  'What went wrong',
  'times',
  'requests',
  'ok',
  '`no`',
  '`unknown`',
  'unsettled, or late',
  'run twice',
  'false `no`',
  'other rules broken',
  'recovery: median, max',
];

/** What chaos found on every swarm that it was let loose on. */
export function chaosTables({ chaos }: Results): string {
  return SWARMS.flatMap((swarm) => {
    const result = chaos[swarm];
    return result === undefined ? [] : [chaosTable(swarm, result)];
  }).join('\n\n');
}

export function chaosTable(swarm: SwarmName, result: ChaosResult): string {
  const { seed, seconds, messages, counts, covered, coveredFailures, broken } = result;
  const faults = [...result.faults].sort((a, b) => rankOf(a) - rankOf(b));
  const failures = Object.entries(coveredFailures).map(([short, count]) => `${count} ${short}`);
  const all = ['all of it', '', ...cellsOf({ ...counts, broken }), ''];
  return [
    `### ${TITLES[swarm]}`,
    '',
    `${grouped(counts.asked)} requests in ${grouped(messages)} messages, ${seconds} s, seed ${seed}.`,
    `Between processes, while nothing was wrong: ${grouped(covered.requests)}, of them answered` +
      ` ${grouped(covered.ok)}${failures.length === 0 ? '' : ` (${failures.join(', ')})`}.`,
    '',
    tableOf(HEAD, [...faults.map(rowOf), all]),
  ].join('\n');
}

function rowOf({ fault, times, recoveryMs, ...rest }: FaultResult): readonly string[] {
  const { median, max } = recoveryMs;
  const recovery = `${grouped(median)} ms, ${grouped(max)} ms`;
  return [fault, `${times}`, ...cellsOf(rest), recovery];
}

type Cells = Pick<FaultResult, 'asked' | 'ok' | 'no' | 'unknown' | 'broken'>;

function cellsOf({ asked, ok, no, unknown, broken }: Cells): readonly string[] {
  const { unsettled, settledTwice, settledLate, ranTwice, ranThoughNo } = broken;
  const others = sum(broken) - unsettled - settledTwice - settledLate - ranTwice - ranThoughNo;
  const ends = unsettled + settledTwice + settledLate;
  return [asked, ok, no, unknown, ends, ranTwice, ranThoughNo, others].map(grouped);
}

function sum(broken: Tally): number {
  return Object.values(broken).reduce((total, count) => total + count, 0);
}

function rankOf({ fault }: FaultResult): number {
  return FAULT_NAMES.indexOf(fault);
}
