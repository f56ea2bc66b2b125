import { escapeHtml, figure } from './format.ts';
import { median } from './statistics.ts';

/** One bar: what the rounds of a case have measured. */
export interface Bar {
  readonly label: string;
  readonly values: readonly number[];
  readonly isOurs: boolean;
}

const WIDTH = 640;
const LABEL_WIDTH = 240;
const NUMBER_WIDTH = 90;
const ROW_HEIGHT = 24;
const TITLE_HEIGHT = 26;
const BAR_HEIGHT = 14;

/** Bars from left to right on one scale from 0, each with the range of its rounds. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const shown = bars.filter(({ values }) => values.length > 0 && values.every(Number.isFinite));
  const greatest = Math.max(...shown.map(({ values }) => Math.max(...values)), Number.MIN_VALUE);
  const scale = (WIDTH - LABEL_WIDTH - NUMBER_WIDTH) / greatest;
  const height = TITLE_HEIGHT + shown.length * ROW_HEIGHT;
  const rows = shown.map((bar, index) => row(bar, TITLE_HEIGHT + index * ROW_HEIGHT, scale));
  const name = escapeHtml(title);
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${name}">
<text class="title" x="0" y="14">${name}</text>
${rows.join('\n')}
</svg>`;
}

function row({ label, values, isOurs }: Bar, top: number, scale: number): string {
  const value = median(values);
  const middle = top + BAR_HEIGHT / 2;
  const [from, to] = [Math.min(...values), Math.max(...values)].map(
    (at) => LABEL_WIDTH + at * scale,
  );
  const kind = isOurs ? 'ours' : 'other';
  const base = top + BAR_HEIGHT - 2;
  return [
    `<text x="0" y="${base}">${escapeHtml(label)}</text>`,
    `<rect class="${kind}" x="${LABEL_WIDTH}" y="${top}" rx="2" ${size(value * scale)}/>`,
    `<line class="range" ${line(from ?? 0, to ?? 0, middle)}/>`,
    `<text class="number" x="${pixels((to ?? 0) + 6)}" y="${base}">${figure(value)}</text>`,
  ].join('');
}

function size(width: number): string {
  return `width="${pixels(width)}" height="${BAR_HEIGHT}"`;
}

function line(from: number, to: number, y: number): string {
  return `x1="${pixels(from)}" x2="${pixels(to)}" y1="${y}" y2="${y}"`;
}

function pixels(value: number): string {
  return value.toFixed(1);
}
