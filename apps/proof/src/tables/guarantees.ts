import { SERVER_KILLED } from '../chaos/fault.ts';
import type { ChaosResult } from '../chaos/result.ts';
import type { RunResult } from '../comparison.ts';
import { grouped } from './markdown.ts';

/** A promise, and what it is checked by on every swarm. */
export interface Guarantee {
  readonly text: string;
  /** Names of the steps that check it; with none, only chaos does. */
  readonly steps: readonly string[];
  /** What the runs of a scenario add to a yes. */
  readonly figure?: (runs: readonly RunResult[]) => string;
  /** What chaos has found: whether it held, and in figures. */
  readonly chaos?: (result: ChaosResult) => Finding;
}

export interface Finding {
  readonly isKept: boolean;
  readonly text: string;
}

/** So soon after a broker accepts again everybody is to have answers, in ms. */
export const RECOVERY_MS = 2_000;

/** In the order of the table. */
export const GUARANTEES: readonly Guarantee[] = [
  {
    text: 'A request settles exactly once, by its deadline',
    steps: ['time is over', 'whoever asked gives up'],
    chaos: ({ broken, counts }) => {
      return none(broken.unsettled + broken.settledTwice + broken.settledLate, counts.asked);
    },
  },
  {
    text: 'No request runs twice',
    steps: ['every kind of request in every direction'],
    chaos: ({ broken, counts }) => none(broken.ranTwice, counts.asked),
  },
  {
    text: '`delivered: "no"`: it did not run, and will not',
    steps: ['nodes that are not there', 'handlers that refuse, throw or are not there'],
    chaos: ({ broken, counts }) => none(broken.ranThoughNo, counts.no),
  },
  {
    text: 'First in, first out from one sender to one receiver',
    steps: ['requests and events of one turn, and of many, in order'],
    chaos: ({ broken, counts }) => none(broken.ranTooEarly + broken.skipped, counts.asked),
  },
  {
    text: 'A node that is not there: `unreachable`/`no` as soon as the broker says so',
    steps: ['nodes that are not there'],
    figure: (runs) => upTo(Math.max(...runs.map(({ unreachableMs }) => unreachableMs))),
  },
  {
    text: 'The newest owner of an id keeps it, if so configured',
    steps: ['a chosen id moves from process to process', 'the newest owner of an id keeps it'],
  },
  { text: 'Or the oldest one does', steps: ['the oldest owner of an id keeps it'] },
  {
    text: 'Of two owners that could not hear each other, one is left',
    steps: [
      'an id has a new owner while its process is away',
      'an id has a new owner while the broker is away',
    ],
  },
  {
    text: 'A lost link fails what is in flight at once: `closed`/`unknown`',
    steps: ['the broker is killed and comes back', 'the broker stands still'],
    figure: (runs) => upTo(Math.max(...runs.map(({ closedMs }) => closedMs))),
  },
  {
    text: 'Without a link, what needs it fails at once: `closed`/`no`; the rest goes on',
    steps: ['the broker is killed and comes back'],
    chaos: ({ broken, counts }) => none(broken.failedWithin, counts.asked),
  },
  {
    text: 'It recovers by itself within 2 s after the broker accepts again',
    steps: ['the broker is killed and comes back', 'the broker stands still'],
    chaos: ({ faults }) => {
      // With a server less, a broker may have to come to terms with itself first.
      const others = faults.filter(({ fault }) => fault !== SERVER_KILLED);
      const ms = Math.max(...others.map(({ recoveryMs }) => recoveryMs.max));
      return { isKept: ms <= RECOVERY_MS, text: `at most ${grouped(ms)} ms` };
    },
  },
  {
    text: 'A link that is dead in one direction only is noticed and replaced',
    steps: [
      'nothing gets from one process to the broker',
      'nothing gets from the broker to one process',
    ],
  },
  {
    text: 'A process that stood still for 5 s loses nothing',
    steps: ['a process that stands still'],
  },
  {
    text: 'A process that was killed: `timeout`/`unknown`, then `unreachable`/`no`',
    steps: ['a process is killed, and its id comes back elsewhere'],
  },
  { text: 'Oversize is refused: `too_large`/`no`', steps: ['what is too large'] },
  {
    text: 'A broker that pushes back: `overloaded`/`no`',
    steps: ['a broker that takes no more'],
  },
  {
    text: 'A client that does not read: `overloaded`/`no`, and nobody else is harmed',
    steps: ['a client that does not read'],
  },
];

/** What else there is to be promised of a broker that has several servers. */
export const OF_SEVERAL: readonly Guarantee[] = [
  {
    text: 'When one of its servers is killed, everybody has answers again, from the kill on, after',
    steps: [],
    chaos: ({ faults }) => {
      const found = faults.find(({ fault }) => fault === SERVER_KILLED);
      if (found === undefined) return { isKept: false, text: 'nobody was killed' };
      const { median, max } = found.recoveryMs;
      const isKept = Object.values(found.broken).every((count) => count === 0);
      return { isKept, text: `${grouped(median)} ms, at most ${grouped(max)} ms` };
    },
  },
];

function none(bad: number, of: number): Finding {
  return { isKept: bad === 0, text: `${bad} of ${grouped(of)} broke it` };
}

function upTo(ms: number): string {
  return ms < 1 ? 'under 1 ms' : `${ms} ms`;
}
