import type { Entry, EntryOf } from '../trace.ts';

/** All that a trace has of one request. */
export interface Life {
  readonly asked: EntryOf<'asked'>;
  readonly outcomes: readonly EntryOf<'outcome'>[];
  readonly runs: readonly EntryOf<'ran'>[];
}

/** The requests of a trace in the order of time, in the order in which they were made. */
export function livesOf(trace: readonly Entry[]): readonly Life[] {
  const outcomes = byLabel(trace.filter((entry) => entry.what === 'outcome'));
  const runs = byLabel(trace.filter((entry) => entry.what === 'ran'));
  return trace.flatMap((entry) => {
    if (entry.what !== 'asked') return [];
    const { label } = entry;
    return [{ asked: entry, outcomes: outcomes.get(label) ?? [], runs: runs.get(label) ?? [] }];
  });
}

/** Where nodes are. */
export function actorsOf(trace: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(
    trace.flatMap((entry) => (entry.what === 'joined' ? [[entry.node, entry.actor]] : [])),
  );
}

export function isOk({ outcomes }: Life): boolean {
  return outcomes[0]?.outcome.ok === true;
}

export function isDelivered({ outcomes }: Life, delivered: string): boolean {
  return outcomes.some(({ outcome }) => !outcome.ok && outcome.delivered === delivered);
}

/** Answered by the handler that it was for: `linger` answers how long it took. */
export function isRight({ asked, outcomes, runs }: Life): boolean {
  const outcome = outcomes[0]?.outcome;
  return runs.length === 1 && outcome?.ok === true && outcome.value === asked.args[0];
}

function byLabel<E extends { readonly label: string }>(
  entries: readonly E[],
): ReadonlyMap<string, readonly E[]> {
  const found = new Map<string, E[]>();
  for (const entry of entries) {
    const those = found.get(entry.label) ?? [];
    found.set(entry.label, those);
    those.push(entry);
  }
  return found;
}
