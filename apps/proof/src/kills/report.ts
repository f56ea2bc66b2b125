import type { Kill, KillReport } from '../kill.ts';

/** A run in lines for people. */
export function linesOf({ kills, verdict, messages }: KillReport): readonly string[] {
  const { asked, counts, covered, coveredFailures } = verdict;
  const share = ((100 * covered.ok) / Math.max(1, covered.requests)).toFixed(2);
  const failures = Object.entries(coveredFailures).map(([short, count]) => `${count} ${short}`);
  const all = kills.flatMap(({ recoveryMs }) => recoveryMs);
  return [
    ...kills.map(lineOf),
    `recovery of all pairs: median ${at(all, 0.5)} ms, max ${at(all, 1)} ms`,
    `${asked} requests in ${messages} messages: ` +
      `${counts.ok} ok, ${counts.no} no, ${counts.unknown} unknown`,
    `with both links ready: ${covered.ok} of ${covered.requests} ok, ${share} %` +
      ` (${failures.join(', ') || 'no failures'})`,
  ];
}

function lineOf({ downMs, recoveryMs }: Kill, index: number): string {
  const [first, median, last] = [0, 0.5, 1].map((share) => at(recoveryMs, share));
  const recovery = `recovery of ${recoveryMs.length} pairs`;
  const times = `first ${first}, median ${median}, last ${last} ms`;
  return `kill ${index + 1}: down ${downMs} ms; ${recovery}: ${times}`;
}

/** The value that this share of all values does not exceed. */
function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? sorted[0] ?? 0);
}
