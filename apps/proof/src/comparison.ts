import { shareOf } from './chaos/share.ts';
import { differences, normalise } from './normalise.ts';
import { type Performance, SCENES } from './scenario.ts';
import type { Entry } from './trace.ts';

/** What is kept of the performances on one swarm. */
export interface ScenarioResult {
  /** Names of the steps that went as they should: all of them, or there would be no result. */
  readonly steps: readonly string[];
  readonly runs: readonly RunResult[];
}

/** One performance, compared with that of as many servers in memory. */
export interface RunResult {
  readonly processes: number;
  readonly entries: number;
  readonly messages: number;
  readonly differences: number;
  /** From a question for a node that is not there to the answer, in the median. */
  readonly unreachableMs: number;
  /** From a process that learns that its link is lost to the last failure of what was on it. */
  readonly closedMs: number;
}

/** A result, and in words what is not as in memory. */
export function compare(
  processes: number,
  { trace, messages }: Performance,
  memory: Performance,
): { readonly run: RunResult; readonly found: readonly string[] } {
  const found = differences(normalise(memory.trace), normalise(trace));
  const unreachableMs = shareOf(unreachable(trace), 0.5);
  const closedMs = shareOf(closed(trace), 1);
  const run = { processes, entries: trace.length, messages, differences: found.length };
  return { run: { ...run, unreachableMs, closedMs }, found };
}

export function resultOf(runs: readonly RunResult[]): ScenarioResult {
  return { steps: SCENES.flatMap(({ steps }) => steps.map(({ name }) => name)), runs };
}

function unreachable(trace: readonly Entry[]): readonly number[] {
  const asked = new Map(
    trace.flatMap((entry) => (entry.what === 'asked' ? [[entry.label, entry.atMs]] : [])),
  );
  return trace.flatMap((entry) => {
    if (entry.what !== 'outcome' || entry.outcome.ok) return [];
    const isMeant =
      entry.outcome.subtype === 'unreachable' && isOf('nodes that are not there', entry.label);
    return isMeant ? [entry.atMs - (asked.get(entry.label) ?? entry.atMs)] : [];
  });
}

function closed(trace: readonly Entry[]): readonly number[] {
  const step = 'the broker is killed and comes back';
  return trace.flatMap((entry) => {
    if (entry.what !== 'outcome' || entry.outcome.ok || !isOf(step, entry.label)) return [];
    if (entry.outcome.subtype !== 'closed' || entry.outcome.delivered !== 'unknown') return [];
    const times = trace
      .filter(({ what, actor }) => what === 'unlinked' && actor === entry.actor)
      .map(({ atMs }) => Math.abs(atMs - entry.atMs));
    return [Math.min(...times)];
  });
}

/** Labels begin with the name of their step. */
function isOf(step: string, label: string): boolean {
  return label.startsWith(`${step} `);
}
