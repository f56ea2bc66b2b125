import { figure, intervalText } from './format.ts';
import { METRICS } from './plan.ts';
import type { Cell, Report } from './report.ts';
import { median } from './statistics.ts';

/** Reports as tables for a README: what was to be, what is, and the numbers behind it. */
export function markdownOf(reports: readonly Report[]): string {
  const judged = reports.filter(({ goals }) => goals.length > 0);
  const goals = judged.flatMap((report) =>
    report.goals.map((goal) => [
      ...[goal.text, goal.b === null ? goal.a : `${goal.a} / ${goal.b}`],
      ...[
        `${METRICS[goal.metric]}, ${goal.conc} in flight`,
        goal.target.replace('>=', '≥').replace('<=', '≤'),
      ],
      ...[intervalText(goal), goal.verdict],
    ]),
  );
  const head = ['', 'of', 'in', 'goal', 'measured', 'verdict'];
  const cells = reports.map(({ title, cells: all }) => `### ${title}\n\n${cellTable(all)}`);
  return [markdownTable([head, ...goals]), ...cells, legend(reports)].join('\n\n').concat('\n');
}

function cellTable(cells: readonly Cell[]): string {
  const head = ['', 'in flight', 'requests/s', 'p50 (us)', 'CPU (us)', 'broker CPU (us)'];
  const rows = cells.map((cell) => [
    ...[cell.case, `${cell.conc}`, figure(median(cell.rps)), figure(median(cell.p50))],
    ...[figure(median(cell.cpu)), figure(median(cell.brokerCpu))],
  ]);
  return markdownTable([head, ...rows]);
}

function legend(reports: readonly Report[]): string {
  const [{ env, rounds } = { env: null, rounds: 0 }] = reports;
  if (env === null) return '';
  const versions = Object.entries(env.versions).map(([name, version]) => `${name} ${version}`);
  return (
    `Medians of ${rounds} interleaved rounds; in brackets the 95 % interval of ratios within ` +
    `rounds, by which goals are judged. Clients, servers and broker shared ${env.cpus} CPUs ` +
    `(${env.cpu}), Node ${env.node}; ${versions.join(', ')}. Absolute numbers say little about ` +
    'other machines, ratios more.'
  );
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `| ${row.map(escaped).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<');
}
