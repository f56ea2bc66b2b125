import { FRAME_KINDS } from './coverage.ts';
import { FAULTS, type FaultKind } from './faults.ts';
import type { Report } from './runner.ts';

/** Kinds of frames that are reserved: a forger says them, and nobody else does. */
const RESERVED: readonly string[] = ['item', 'credit', 'end'];

/** Faults that hit single messages in the swarm, and none on sockets. */
const IN_SWARM: ReadonlySet<FaultKind> = new Set(['loss', 'duplication', 'reordering', 'late']);

/** Every pair of a kind of frame and a fault that can meet has to do so this often. */
export const PAIR_MIN = 1_000;

/** Pairs that did not occur often enough, in words. */
export function missingPairs(counts: Uint32Array): string[] {
  return FRAME_KINDS.flatMap((kind, row) => {
    return FAULTS.flatMap((fault, column) => {
      const count = counts[row * FAULTS.length + column] ?? 0;
      return canMeet(kind, fault) && count < PAIR_MIN ? [`${kind} x ${fault}: ${count}`] : [];
    });
  });
}

/** The rarest pairs of a run, as a table of Markdown. */
export function coverageSummary({ coverage, schedules, requests }: Report): string {
  const pairs = FRAME_KINDS.flatMap((kind, row) => {
    return FAULTS.flatMap((fault, column) => {
      const count = coverage[row * FAULTS.length + column] ?? 0;
      return canMeet(kind, fault) ? [{ kind, fault, count }] : [];
    });
  }).sort((a, b) => a.count - b.count);
  const of = `${schedules} schedules with ${requests} requests: ${pairs.length} pairs of a frame`;
  const rows = pairs
    .slice(0, RAREST)
    .map(({ kind, fault, count }) => `| ${kind} | ${fault} | ${count} |`);
  return [
    `${of} and a fault, of which the rarest came up so often:\n`,
    '| frame | fault | times |',
    '| --- | --- | ---: |',
    ...rows,
  ].join('\n');
}

/** Pairs that are told of. */
const RAREST = 5;

/** A row for each kind of frame, a column for each fault; `-` for what cannot meet. */
export function coverageTable(counts: Uint32Array): string {
  const rows = FRAME_KINDS.filter((kind) => !RESERVED.includes(kind)).map((kind) => {
    const row = FRAME_KINDS.indexOf(kind);
    const cells = FAULTS.map((fault, column) => {
      return canMeet(kind, fault) ? short(counts[row * FAULTS.length + column] ?? 0) : '-';
    });
    return [kind, ...cells];
  });
  const header = ['', ...FAULTS];
  const widths = header.map((_, at) =>
    Math.max(...[header, ...rows].map((r) => r[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => {
    const [first = '', ...rest] = cells.map((cell, at) => {
      return at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0);
    });
    return [first, ...rest].join('  ').trimEnd();
  };
  return [header, ...rows].map(line).join('\n');
}

function canMeet(kind: string, fault: FaultKind): boolean {
  if (RESERVED.includes(kind)) return false;
  if (kind === 'socket close' && fault === 'forged') return false;
  if (fault === 'forged') return !UNFORGED.includes(kind);
  return !(kind.startsWith('socket ') && IN_SWARM.has(fault));
}

/** What a forger would only do harm with that nobody could prevent. */
const UNFORGED: readonly string[] = ['request', 'event', 'who-has'];

function short(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 10_000_000) return `${Math.round(count / 1_000)}k`;
  return `${Math.round(count / 1_000_000)}M`;
}
