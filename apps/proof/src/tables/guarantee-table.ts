import { CLUSTERS, SINGLES, type SwarmName } from '../brokers.ts';
import { STEP_FILES } from '../scenario.ts';
import { GUARANTEES, type Guarantee, OF_SEVERAL } from './guarantees.ts';
import { grouped, TITLES, tableOf } from './markdown.ts';
import type { Results } from './results.ts';

/** The table guarantee x swarm, every cell from a result. Paths are those seen from `base`. */
export function guaranteeTable(
  results: Results,
  base: string,
  swarms: readonly SwarmName[] = SINGLES,
): string {
  const isOfSeveral = swarms.every((swarm) => CLUSTERS.some((name) => name === swarm));
  const guarantees = [...GUARANTEES, ...(isOfSeveral ? OF_SEVERAL : [])];
  const rows = guarantees.map((guarantee) => [
    `${guarantee.text} (${checksOf(guarantee, base)})`,
    ...swarms.map((swarm) => cellOf(guarantee, swarm, results)),
  ]);
  const head = ['Promise, and the steps that check it', ...swarms.map((swarm) => TITLES[swarm])];
  const notes = swarms.includes('memory') ? MEMORY_NOTE : [];
  return [tableOf(head, rows), '', ...notes, ...notesOf(results, swarms, base)].join('\n');
}

function checksOf({ steps }: Guarantee, base: string): string {
  if (steps.length === 0) return `[chaos](${base}docs/reliability.md)`;
  return steps.map((name) => `[${name}](${base}${fileOf(name)})`).join(', ');
}

function fileOf(step: string): string {
  const found = [...STEP_FILES].find(([, steps]) => steps.some(({ name }) => name === step));
  if (found === undefined) throw new TypeError(`no such step: ${step}`);
  return `apps/proof/src/steps/${found[0]}`;
}

/** Untested is said, and so is what did not hold. */
function cellOf(guarantee: Guarantee, swarm: SwarmName, results: Results): string {
  const [scenario, chaos] = [results.scenario[swarm], results.chaos[swarm]];
  const isPlayed =
    scenario !== undefined && guarantee.steps.every((step) => scenario.steps.includes(step));
  if (!isPlayed) return 'untested';
  const isEqual = scenario.runs.every(({ differences }) => differences === 0);
  const finding = chaos === undefined ? undefined : guarantee.chaos?.(chaos);
  const isKept = isEqual && (finding?.isKept ?? true);
  const mark = swarm === 'memory' && (hasFault(guarantee) || finding !== undefined) ? ' ¹' : '';
  const missing = guarantee.chaos !== undefined && chaos === undefined ? 'untested by chaos' : '';
  const figures = [guarantee.figure?.(scenario.runs) ?? '', finding?.text ?? '', missing];
  const said = figures.filter((text) => text !== '').join('; ');
  return `${isKept ? 'yes' : '**no**'}${mark}${said === '' ? '' : `: ${said}`}`;
}

function hasFault({ steps }: Guarantee): boolean {
  const all = [...STEP_FILES.values()].flat();
  return all.some(({ name, hasFault: has = false }) => has && steps.includes(name));
}

function notesOf(
  { scenario }: Results,
  swarms: readonly SwarmName[],
  base: string,
): readonly string[] {
  const runs = swarms.flatMap((swarm) => scenario[swarm]?.runs ?? []);
  const traces = [...new Set(runs.map(({ processes }) => processes))].map((processes) => {
    const own = runs.filter((run) => run.processes === processes);
    const entries = [...new Set(own.map((run) => grouped(run.entries)))];
    const differing = own.reduce((sum, { differences }) => sum + differences, 0);
    return `${entries.join(' or ')} entries with ${processes} processes, ${differing} differences`;
  });
  return [
    `Traces compared with those of memory: ${traces.join('; ')}.`,
    `Where it says "broke it", that many requests did so in a run of [chaos](${base}docs/reliability.md).`,
  ];
}

const MEMORY_NOTE: readonly string[] = [
  '¹ A memory swarm has neither broker nor network, and all its servers are one process: what',
  'fails here is put between each server and the swarm.',
  '',
];
