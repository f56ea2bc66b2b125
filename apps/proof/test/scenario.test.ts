import { requireBroker, startBroker } from '@swarm/conformance/brokers';
import { beforeAll, describe, expect, it } from 'vitest';
import { differences, normalise } from '../src/normalise.ts';
import { type Performance, perform } from '../src/scenario.ts';
import { brokerSite, memorySite } from '../src/stage/site.ts';
import type { Entry } from '../src/trace.ts';
import { build } from './build.ts';

const PATIENCE_MS = 180_000;

let memory: Performance;

beforeAll(async () => {
  memory = await perform(memorySite());
  console.log(`memory: ${memory.trace.length} entries, ${memory.messages} messages`);
}, PATIENCE_MS);

describe.each(['redis', 'nats'] as const)('three processes on %s', (kind) => {
  it.runIf(requireBroker(kind))(
    'do what three servers do in memory',
    { timeout: PATIENCE_MS },
    async () => {
      await build();
      const broker = await startBroker(kind);

      const { trace, messages } = await perform(brokerSite(broker)).finally(() => broker.stop());
      console.log(`${kind}: ${trace.length} entries, ${messages} messages`);

      expect(differences(normalise(memory.trace), normalise(trace))).toEqual([]);
      expect(messages).toBeGreaterThan(0);
    },
  );
});

describe('a comparison', () => {
  const differencesTo = (trace: readonly Entry[]) =>
    differences(normalise(memory.trace), normalise(trace));

  it('finds none without reason', () => {
    expect(differencesTo([...memory.trace].reverse())).toEqual([]);
  });

  it('finds another subtype', () => {
    const index = memory.trace.findIndex((entry) => isFailure(entry, 'unreachable'));
    const entry = memory.trace[index] as Entry & { readonly what: 'outcome' };

    const changed = { ...entry, outcome: { ...entry.outcome, subtype: 'timeout' } } as Entry;

    expect(differencesTo(memory.trace.with(index, changed)).join()).toContain(entry.label);
  });

  it('finds another `delivered`', () => {
    const index = memory.trace.findIndex((entry) => isFailure(entry, 'closed'));
    const entry = memory.trace[index] as Entry & { readonly what: 'outcome' };

    const changed = { ...entry, outcome: { ...entry.outcome, delivered: 'yes' } } as Entry;

    expect(differencesTo(memory.trace.with(index, changed))).not.toEqual([]);
  });

  it('finds two handlers that ran for one sender in another order', () => {
    const [first, second] = memory.trace.filter(
      (entry) => entry.what === 'ran' && entry.name === 'noted' && entry.label.includes('order'),
    ) as [Entry, Entry];

    const swapped = memory.trace.map((entry) => {
      if (entry === first) return { ...entry, atMs: second.atMs };
      return entry === second ? { ...entry, atMs: first.atMs } : entry;
    });

    expect(differencesTo(swapped).join()).toContain('starts at node');
  });

  it.each(['ran', 'outcome', 'aborted', 'joined', 'left', 'opened', 'closed', 'unlinked'] as const)(
    'finds that one `%s` is missing, or there twice',
    (what) => {
      const index = memory.trace.findLastIndex((entry) => entry.what === what);
      const entry = memory.trace[index] as Entry;

      expect(differencesTo(memory.trace.toSpliced(index, 1))).not.toEqual([]);
      expect(differencesTo(memory.trace.toSpliced(index, 0, entry))).not.toEqual([]);
    },
  );

  it('finds an event that somebody else heard', () => {
    const index = memory.trace.findIndex(({ what }) => what === 'ran');
    const moved = { ...(memory.trace[index] as Entry), actor: 'c' };

    expect(differencesTo(memory.trace.with(index, moved))).not.toEqual([]);
  });
});

function isFailure(entry: Entry, subtype: string): boolean {
  return entry.what === 'outcome' && !entry.outcome.ok && entry.outcome.subtype === subtype;
}
