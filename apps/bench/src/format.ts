import { METRICS, type Metric } from './plan.ts';
import type { Cell, Environment, Interval } from './report.ts';
import { median } from './statistics.ts';

/** Three digits that count, with commas: 12,300, 4.56, 0.0789. */
export function figure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) {
    const scale = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2);
    return (Math.round(value / scale) * scale).toLocaleString('en-US');
  }
  return value === 0 ? '0' : `${Number(value.toPrecision(3))}`;
}

/** The median and its 95 % interval. */
export function intervalText({ median, lo, hi }: Interval): string {
  return median === null ? '-' : `${figure(median)} [${figure(lo)}-${figure(hi)}]`;
}

/** The median and what the rounds ranged over. */
export function rangeText({ median, min, max }: Interval): string {
  return median === null ? '-' : `${figure(median)} (${figure(min)}-${figure(max)})`;
}

/** What there is anything to say about, of any of the cases. */
export function metricsOf(cells: readonly Cell[]): readonly Metric[] {
  const all = Object.keys(METRICS) as Metric[];
  return all.filter((metric) => cells.some((cell) => (median(cell[metric]) || 0) > 0));
}

/** Columns of the same width, the first to the left and all others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => {
    return Math.max(...rows.map((row) => row[column]?.length ?? 0));
  });
  const line = (row: readonly string[]) =>
    row.map((text, column) => pad(text, widths[column] ?? 0, column === 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

function pad(text: string, width: number, isLeft: boolean): string {
  return isLeft ? text.padEnd(width) : text.padStart(width);
}

/** Of what was measured, such as `ws 8.23.0, ioredis 6.0.0`. */
export function versionsText({ versions }: Environment): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** As text of an element or in quotes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return text.replaceAll(/[&<>"]/g, (char) => entities[char] ?? '&quot;');
}
