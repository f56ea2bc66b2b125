import { barChart } from './chart.ts';
import { escapeHtml, figure, intervalText, metricsOf, versionsText } from './format.ts';
import { METRICS, type Metric } from './plan.ts';
import type { Cell, Goal, Report } from './report.ts';
import { median } from './statistics.ts';

/** Reports as one page that needs nothing else: charts, goals and the numbers behind them. */
export function htmlOf(reports: readonly Report[]): string {
  const [{ env } = { env: null }] = reports;
  const place = env === null ? '' : `Node ${env.node}, ${env.cpus} CPUs (${env.cpu})`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>swarm: benchmarks</title>
<style>${STYLE}</style>
</head>
<body>
<h1>swarm: benchmarks</h1>
<p>${escapeHtml(place)}. Bars are medians of the rounds; lines show what the rounds ranged over.
Goals are judged by the 95 % interval of ratios within the rounds, never by absolute numbers.</p>
${reports.map(section).join('\n')}
${env === null ? '' : `<p class="versions">${escapeHtml(versionsText(env))}</p>`}
</body>
</html>
`;
}

function section({ title, rounds, cells, goals, failures }: Report): string {
  const failed = failures.map(
    ({ case: name, error }) => `<p>${escapeHtml(`${name}: ${error}`)}</p>`,
  );
  return [
    `<section><h2>${escapeHtml(title)}</h2><p>${rounds} rounds</p>`,
    goals.length === 0 ? '' : goalTable(goals),
    `<div class="charts">${charts(cells).join('')}</div>`,
    ...failed,
    `<details><summary>All numbers</summary>${cellTable(cells)}</details></section>`,
  ].join('\n');
}

/** Throughput and CPU times where much is in flight, time to answer where nothing else is. */
function charts(cells: readonly Cell[]): readonly string[] {
  const counts = [...new Set(cells.map(({ conc }) => conc))];
  return counts.flatMap((conc) => {
    const shown = cells.filter((cell) => cell.conc === conc);
    const isBrokered = shown.every(({ brokerCpu }) => median(brokerCpu) > 0);
    const busy: readonly Metric[] = isBrokered ? ['rps', 'cpu', 'brokerCpu'] : ['rps', 'cpu'];
    const metrics = conc === 1 ? (['p50'] as const) : busy;
    return metrics.map((metric) => {
      const bars = shown.map((cell) => ({
        label: cell.case,
        values: cell[metric],
        isOurs: cell.case.startsWith('swarm') || cell.case.includes('nodes'),
      }));
      return barChart(`${METRICS[metric]}, ${conc} in flight`, bars);
    });
  });
}

function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ text, a, b, conc, metric, target, verdict, ...interval }) => {
    const of = `${b === null ? a : `${a} / ${b}`}: ${METRICS[metric]}, ${conc} in flight`;
    const cells = [text, of, target, intervalText(interval)].map((cell) => td(cell)).join('');
    return `<tr>${cells}<td class="${verdict}">${verdict}</td></tr>`;
  });
  const head = ['goal', 'of', 'target', 'measured', 'verdict'].map(th).join('');
  return `<table><tr>${head}</tr>${rows.join('')}</table>`;
}

function cellTable(cells: readonly Cell[]): string {
  const metrics = metricsOf(cells);
  const head = ['case', 'in flight', ...metrics.map((metric) => METRICS[metric])].map(th).join('');
  const rows = cells.map((cell) => {
    const numbers = metrics.map((metric) => td(figure(median(cell[metric]))));
    return `<tr>${td(cell.case)}${td(`${cell.conc}`)}${numbers.join('')}</tr>`;
  });
  return `<table><tr>${head}</tr>${rows.join('')}</table>`;
}

function th(text: string): string {
  return `<th>${escapeHtml(text)}</th>`;
}

function td(text: string): string {
  return `<td>${escapeHtml(text)}</td>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --dim: #6b7280; --back: #fff; --line: #d5d9e0;
  --ours: #2563eb; --other: #9aa5b4; --good: #15803d; --bad: #b91c1c; --open: #a16207; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #9aa3af; --back: #15181c;
  --line: #343a42; --ours: #6ea0ff; --other: #5b6673; --good: #4ade80; --bad: #f87171;
  --open: #facc15; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2.5rem 0 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; }
td:not(:first-child) { font-variant-numeric: tabular-nums; }
td:nth-child(n + 3) { white-space: nowrap; }
.met { color: var(--good); } .missed { color: var(--bad); } .unresolved { color: var(--open); }
.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; }
svg { width: 34rem; max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .title { font-weight: 600; } svg .number { fill: var(--dim); }
svg .ours { fill: var(--ours); } svg .other { fill: var(--other); }
svg .range { stroke: var(--ink); stroke-width: 1.5; opacity: .6; }
summary, .versions { color: var(--dim); }
summary { cursor: pointer; }
`;
