import { figure, intervalText, metricsOf, versionsText } from './format.ts';
import { METRICS } from './plan.ts';
import type { Cell, Report } from './report.ts';
import { median } from './statistics.ts';

/** Reports as tables for a README: what was to be, what is, and the numbers behind it. */
export function markdownOf(reports: readonly Report[]): string {
  const judged = reports.filter(({ goals }) => goals.length > 0);
  const goals = judged.flatMap((report) =>
    report.goals.map((goal) => [
      ...[`${report.title}: ${goal.text}`, goal.b === null ? goal.a : `${goal.a} / ${goal.b}`],
      ...[
        `${METRICS[goal.metric]}, ${goal.conc} in flight`,
        goal.target.replace('>=', '≥').replace('<=', '≤'),
      ],
      ...[intervalText(goal), goal.verdict],
    ]),
  );
  const head = ['', 'of', 'in', 'goal', 'measured', 'verdict'];
  const sections = reports.map(({ title, cells, failures }) => {
    const failed = failures.map(
      ({ case: name, error }) => `Failed: ${escaped(`${name}: ${error}`)}`,
    );
    return [`### ${escaped(title)}`, cellTable(cells), ...failed].join('\n\n');
  });
  return [markdownTable([head, ...goals]), ...sections, legend(reports)].join('\n\n').concat('\n');
}

function cellTable(cells: readonly Cell[]): string {
  // The worst of a hundred in a closed loop is for comparison at most.
  const metrics = metricsOf(cells).filter((metric) => metric !== 'p99');
  const head = ['', 'in flight', ...metrics.map((metric) => METRICS[metric])];
  const rows = cells.map((cell) => [
    ...[cell.case, `${cell.conc}`],
    ...metrics.map((metric) => figure(median(cell[metric]))),
  ]);
  return markdownTable([head, ...rows]);
}

function legend(reports: readonly Report[]): string {
  const [{ env, rounds } = { env: null, rounds: 0 }] = reports;
  if (env === null) return '';
  return (
    `Medians of ${rounds} interleaved rounds; in brackets the 95 % interval of ratios within ` +
    `rounds, by which goals are judged. Clients, servers and broker shared ${env.cpus} CPUs ` +
    `(${env.cpu}), Node ${env.node}; ${versionsText(env)}. Absolute numbers say little about ` +
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
