import { shortOf } from '../outcome.ts';
import type { Entry } from '../trace.ts';
import type { Incident } from './incident.ts';
import { isDelivered, isOk, isRight, type Life, livesOf } from './lives.ts';
import { type Disorder, disorderOf } from './order.ts';
import { Whereabouts } from './whereabouts.ts';

/** Labels of requests by the rule they broke. */
export interface Broken extends Disorder {
  readonly unsettled: readonly string[];
  readonly settledTwice: readonly string[];
  /** Settled when its deadline was long over. */
  readonly settledLate: readonly string[];
  readonly ranTwice: readonly string[];
  /** Reported as `delivered: 'no'`, and run. */
  readonly ranThoughNo: readonly string[];
  /** Answered, and never run; or answered with what another request asked. */
  readonly wronglyAnswered: readonly string[];
  /** Failed although they need no link: between a client and its node, or within a process. */
  readonly failedWithin: readonly string[];
  /** Failed between processes that were linked, while nothing was wrong. */
  readonly failedOutside: readonly string[];
  /** Sent to another process by one link, or by none, and not settled before the next one. */
  readonly outlivedLink: readonly string[];
}

/** Answered; and failed, by what is known of the answering end. */
export interface Counts {
  readonly asked: number;
  readonly ok: number;
  readonly no: number;
  readonly unknown: number;
}

/** What became of all requests of a run. */
export interface Verdict {
  readonly counts: Counts;
  readonly broken: Broken;
  /** Of those between processes while nothing was wrong: how many there were, and answered. */
  readonly covered: { readonly requests: number; readonly ok: number };
  /** How those of them failed that did. */
  readonly coveredFailures: Readonly<Record<string, number>>;
}

/** Later than this after its deadline, in ms, the end of a request is late, on any machine. */
const SLACK_MS = 1_000;

/**
 * Judges a run by its whole trace, and by what went wrong when.
 *
 * A request between processes is covered when the links of both were ready, and the same ones,
 * from before it was made until after its outcome, by what these processes told themselves, and
 * nothing was wrong meanwhile. So it was not made too early, and did not fail with a link. One
 * that got lost would, some time later: it is covered too, when all that lasted for long enough to
 * answer it.
 */
export function judge(
  unsorted: readonly Entry[],
  incidents: readonly Incident[] = [],
  timeoutMs: number = Number.POSITIVE_INFINITY,
): Verdict {
  const trace = [...unsorted].sort((a, b) => a.atMs - b.atMs);
  const lives = livesOf(trace);
  const where = new Whereabouts(trace, incidents);
  const covered = lives.filter((life) => where.isCovered(life));
  return {
    counts: countsOf(lives),
    broken: brokenBy(lives, where, timeoutMs),
    covered: { requests: covered.length, ok: covered.filter(isOk).length },
    coveredFailures: tally(covered.filter((life) => !isOk(life))),
  };
}

export function countsOf(lives: readonly Life[]): Counts {
  const count = (matches: (life: Life) => boolean) => lives.filter(matches).length;
  return {
    asked: lives.length,
    ok: count(isOk),
    no: count((life) => isDelivered(life, 'no')),
    unknown: count((life) => isDelivered(life, 'unknown')),
  };
}

function brokenBy(lives: readonly Life[], where: Whereabouts, timeoutMs: number): Broken {
  const labels = (matches: (life: Life) => boolean) =>
    lives.filter(matches).map(({ asked }) => asked.label);
  const isLate = (life: Life) => {
    const [settled] = life.outcomes;
    const dueMs = life.asked.atMs + timeoutMs + where.frozenMs(life) + SLACK_MS;
    return settled !== undefined && settled.atMs > dueMs;
  };
  const isForeseen = (life: Life) => isOk(life) || where.isEarly(life);
  return {
    unsettled: labels(({ outcomes }) => outcomes.length === 0),
    settledTwice: labels(({ outcomes }) => outcomes.length > 1),
    settledLate: labels(isLate),
    ranTwice: labels(({ runs }) => runs.length > 1),
    ranThoughNo: labels((life) => isDelivered(life, 'no') && life.runs.length > 0),
    wronglyAnswered: labels((life) => isOk(life) && !isRight(life)),
    failedWithin: labels((life) => where.isWithin(life) && !isOk(life)),
    failedOutside: labels((life) => where.isCovered(life) && !isForeseen(life)),
    outlivedLink: labels((life) => where.outlivedLink(life)),
    ...disorderOf(lives, where),
  };
}

function tally(lives: readonly Life[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcomes } of lives) {
    const short = outcomes[0] === undefined ? 'unsettled' : shortOf(outcomes[0].outcome);
    counts[short] = (counts[short] ?? 0) + 1;
  }
  return counts;
}
