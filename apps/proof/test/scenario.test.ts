import { requireBroker } from '@swarm/conformance/brokers';
import { beforeAll, describe, expect, it } from 'vitest';
import { brokerOf, SINGLES } from '../src/brokers.ts';
import { differences, normalise } from '../src/normalise.ts';
import { performOn } from '../src/perform-on.ts';
import { type Performance, PROCESSES } from '../src/scenario.ts';
import type { Entry } from '../src/trace.ts';
import { build } from './build.ts';

const PATIENCE_MS = 240_000;

/** Begun at once, because most of it is waiting. By swarm and the number of servers. */
const performances = new Map<string, Promise<Performance>>();
let memory: Performance;

function performance(swarm: string, servers: number): Promise<Performance> {
  return performances.get(`${swarm} ${servers}`) as Promise<Performance>;
}

beforeAll(async () => {
  await build();
  for (const swarm of SINGLES) {
    const kind = brokerOf(swarm);
    if (kind !== null && !requireBroker(kind)) continue;
    for (const servers of PROCESSES) {
      const begun = performOn(swarm, servers);
      // What is wrong with it is told by its own test.
      begun.catch(() => {});
      performances.set(`${swarm} ${servers}`, begun);
    }
  }
  memory = await performance('memory', 3);
}, PATIENCE_MS);

describe.each(SINGLES.filter((swarm) => swarm !== 'memory'))('on %s', (swarm) => {
  const kind = brokerOf(swarm);

  it.runIf(kind !== null && requireBroker(kind)).each(PROCESSES)(
    '%i processes do what as many servers do in memory',
    { timeout: PATIENCE_MS },
    async (servers) => {
      const [{ trace }, { trace: own, messages }] = await Promise.all([
        performance('memory', servers),
        performance(swarm, servers),
      ]);

      expect(differences(normalise(trace), normalise(own))).toEqual([]);
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
