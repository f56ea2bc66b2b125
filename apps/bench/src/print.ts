import { figure, intervalText, metricsOf, rangeText, table } from './format.ts';
import { METRICS } from './plan.ts';
import type { Cell, Goal, Ratio, Report } from './report.ts';
import { median } from './statistics.ts';

/** A report as a terminal shows it. */
export function textOf(report: Report): string {
  const { title, rounds, cells, ratios, goals, failures } = report;
  const parts = [`${title}, ${rounds} rounds: medians`, cellTable(cells)];
  if (ratios.length > 0) {
    parts.push('Ratios within the rounds: median (min-max) [95 % interval]', ratioTable(ratios));
  }
  if (goals.length > 0) parts.push('Goals, judged by the interval', goalTable(goals));
  for (const { case: name, error } of failures) parts.push(`FAILED ${name}: ${error}`);
  return parts.join('\n\n');
}

function cellTable(cells: readonly Cell[]): string {
  const metrics = metricsOf(cells);
  const head = ['case', 'in flight', ...metrics.map((metric) => METRICS[metric])];
  const rows = cells.map((cell) => [
    ...[cell.case, `${cell.conc}`],
    ...metrics.map((metric) => figure(median(cell[metric]))),
  ]);
  return table([head, ...rows]);
}

function ratioTable(all: readonly Ratio[]): string {
  return table([
    ['a / b', 'of', 'in flight', 'median', 'interval'],
    ...all.map((ratio) => [
      ...[`${ratio.a} / ${ratio.b}`, METRICS[ratio.metric], `${ratio.conc}`],
      ...[rangeText(ratio), `[${figure(ratio.lo)}-${figure(ratio.hi)}]`],
    ]),
  ]);
}

function goalTable(all: readonly Goal[]): string {
  return table([
    ['goal', 'a / b', 'of', 'in flight', 'target', 'measured', 'verdict'],
    ...all.map((goal) => [
      ...[goal.id, goal.b === null ? goal.a : `${goal.a} / ${goal.b}`, METRICS[goal.metric]],
      ...[`${goal.conc}`, goal.target, intervalText(goal), goal.verdict],
    ]),
  ]);
}
