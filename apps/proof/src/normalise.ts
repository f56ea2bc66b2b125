import { renamerOf } from './rename.ts';
import type { Asking, Entry } from './trace.ts';

/** Sequences of entries, as texts, by their names. */
export type Strands = ReadonlyMap<string, readonly string[]>;

/**
 * What two runs of one scenario must have in common, whatever carried them.
 *
 * A trace is cut into strands: sequences of entries whose order is promised, or follows from what
 * led to what. An entry belongs to all the strands that {@link strandsOf} names. Two traces are
 * equal when they have the same strands, and each reads the same, entry by entry and field by
 * field. So order within a strand counts, and order between entries without a common one does not.
 *
 * Nothing is left out but times. Ids made by chance are renamed; ids that were chosen stay.
 *
 * This does not hide an entry that is missing, doubled or another actor's; another value, error,
 * `delivered`, sender, close code or reason; requests or events of one sender that reach one
 * receiver in another order, or its answers that come back in another order; a handler that began
 * after its caller had the outcome; an id whose owners came and went in another order; a link that
 * was lost before a request was made instead of after it.
 *
 * It hides when things happen; how requests of different senders, or to different receivers, mix;
 * whether a handler learns that nobody waits for it before or after the caller has the outcome,
 * and, of a client that was asked through its node, whether it is told or finds out by its own
 * clock; and the texts of protocol errors, which traces do not have.
 */
export function normalise(trace: readonly Entry[]): Strands {
  // All processes have one clock: what led to something else is earlier. Sorting is stable.
  const entries = [...trace].sort((a, b) => a.atMs - b.atMs);
  const rename = renamerOf(entries);
  const askings = new Map(entries.flatMap(askingOf));
  const strands = new Map<string, string[]>();
  for (const entry of entries) {
    const text = rename(textOf(entry, askings));
    for (const name of strandsOf(entry, askings).map(rename)) {
      const strand = strands.get(name) ?? [];
      strands.set(name, strand);
      strand.push(text);
    }
  }
  return new Map([...strands].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where two runs differ, in words: nothing for equal ones. */
export function differences(ours: Strands, theirs: Strands): readonly string[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) => {
    const [our, their] = [ours.get(name) ?? [], theirs.get(name) ?? []];
    const length = Math.max(our.length, their.length);
    for (let index = 0; index < length; index += 1) {
      const [a = 'nothing', b = 'nothing'] = [our[index], their[index]];
      if (a !== b) return [`${name}, entry ${index + 1} of ${length}:\n  ${a}\n  ${b}`];
    }
    return [];
  });
}

interface Asker {
  readonly asking: Asking;
  readonly actor: string;
}

type Askings = ReadonlyMap<string, Asker>;

function askingOf(entry: Entry): [label: string, asker: Asker][] {
  if (entry.what !== 'asked' && entry.what !== 'told') return [];
  return [[entry.label, { asking: entry, actor: entry.actor }]];
}

function textOf(entry: Entry, askings: Askings): string {
  const { atMs: _, ...fields } = entry;
  if (fields.what !== 'aborted' || fields.side === 'node') return JSON.stringify(fields);
  const { kind } = askings.get(fields.label)?.asking ?? {};
  return JSON.stringify(kind === 'remoteClient' ? { ...fields, subtype: 'any' } : fields);
}

/**
 * - `exchange`: a request or event, the handlers that began to run for it, wherever, its outcome;
 *   and the same of what a handler asks on its behalf.
 * - `starts`: the handlers of one end that ran for one sender.
 * - `answers`: the outcomes of what one sender asked of one receiver, by kind: a client that is
 *   asked through its node is a longer way than the node.
 * - `handler`: one handler, and that it learned of the end of its request.
 * - `actor`: what an actor was told to ask, its link, and requests that failed with the link.
 * - `owners`: where a node was, over all actors.
 * - `life`: a node and its clients within one actor.
 * - `client`: a client that got no node.
 */
function strandsOf(entry: Entry, askings: Askings): readonly string[] {
  const { actor } = entry;
  switch (entry.what) {
    case 'asked':
    case 'told': {
      const exchange = exchangeOf(entry.label);
      // What a handler asks comes in between at any time.
      return isNested(entry.label) ? [exchange] : [exchange, `actor ${actor}`];
    }
    case 'ran': {
      const { label, side, node } = entry;
      const starts = `starts at ${side} ${node} for ${senderOf(label, askings)}`;
      return [exchangeOf(label), starts, `handler of ${label} at ${side} ${node}`];
    }
    case 'aborted':
      return [`handler of ${entry.label} at ${entry.side} ${entry.node}`];
    case 'outcome': {
      const { label, outcome } = entry;
      const { kind, to } = askings.get(label)?.asking ?? {};
      const answers = `answers of ${to} as ${kind} to ${senderOf(label, askings)}`;
      const isClosed = !outcome.ok && outcome.subtype === 'closed' && !isNested(label);
      return [exchangeOf(label), answers, ...(isClosed ? [`actor ${actor}`] : [])];
    }
    case 'joined':
    case 'left':
      return [`owners of ${entry.node}`, `life of ${entry.node} at ${actor}`];
    case 'opened':
    case 'closed':
      return [`life of ${entry.node} at ${actor}`];
    case 'unmade':
      return [`client ${entry.client}`];
    case 'linked':
    case 'unlinked':
      return [`actor ${actor}`];
  }
}

/** What a handler asks for a request has the label of that, and a plus. */
function isNested(label: string): boolean {
  return label.endsWith('+');
}

function exchangeOf(label: string): string {
  return `exchange ${label.replace(/\++$/, '')}`;
}

function senderOf(label: string, askings: Askings): string {
  const asker = askings.get(label);
  if (asker === undefined) return 'nobody';
  const { actor, asking } = asker;
  return `${asking.side} ${asking.from ?? actor}`;
}
