import { shortOf } from '../outcome.ts';
import { isGenerated } from '../rename.ts';
import type { Entry } from '../trace.ts';
import { actorsOf, isDelivered, isOk, isRight, type Life, livesOf } from './lives.ts';
import { Uptime } from './uptime.ts';

/** Labels of requests by the rule they broke. */
export interface Broken {
  readonly unsettled: readonly string[];
  readonly settledTwice: readonly string[];
  readonly ranTwice: readonly string[];
  /** Reported as `delivered: 'no'`, and run. */
  readonly ranThoughNo: readonly string[];
  /** Answered, and never run; or answered with what another request asked. */
  readonly wronglyAnswered: readonly string[];
  /** Failed although they need no link: between a client and its node, or within a process. */
  readonly failedWithin: readonly string[];
  /** Sent to another process by one link, or by none, and not settled before the next one. */
  readonly outlivedLink: readonly string[];
  /** Began to run before what the same sender had asked the same receiver earlier. */
  readonly ranTooEarly: readonly string[];
  /** Still waited for, and never run, when a later one of that sender to that receiver ran. */
  readonly skipped: readonly string[];
}

/** What became of all requests of a run. */
export interface Verdict {
  readonly asked: number;
  readonly broken: Broken;
  /** Answered; and failed, by what is known of the answering end. */
  readonly counts: { readonly ok: number; readonly no: number; readonly unknown: number };
  /** Of those between processes whose life both links cover: how many there were, and answered. */
  readonly covered: { readonly requests: number; readonly ok: number };
  /** How those of them failed that did. */
  readonly coveredFailures: Readonly<Record<string, number>>;
}

/** A request that has no outcome so long after its handler was to answer is lost, in ms. */
const GRACE_MS = 1_000;

/**
 * Judges a run by its whole trace, and by when the broker was killed.
 *
 * A request between processes is covered when the links of both were ready, and the same ones,
 * from before it was made until after its outcome, by what these processes told themselves, and
 * the broker was not killed meanwhile. So it was not made too early, and did not fail with a link.
 * One that got lost would, some time later: it is covered too, when all that lasted for long
 * enough to answer it.
 *
 * It has no reason to fail but one: an id that somebody chose is announced just after its process
 * is linked.
 */
export function judge(unsorted: readonly Entry[], killsMs: readonly number[] = []): Verdict {
  const trace = [...unsorted].sort((a, b) => a.atMs - b.atMs);
  const lives = livesOf(trace);
  const where = new Whereabouts(trace, killsMs);
  const covered = lives.filter((life) => where.isCovered(life));
  const count = (matches: (life: Life) => boolean) => lives.filter(matches).length;
  return {
    asked: lives.length,
    broken: brokenBy(lives, where),
    counts: {
      ok: count(isOk),
      no: count((life) => isDelivered(life, 'no')),
      unknown: count((life) => isDelivered(life, 'unknown')),
    },
    covered: { requests: covered.length, ok: covered.filter(isOk).length },
    coveredFailures: tally(covered.filter((life) => !isOk(life))),
  };
}

function brokenBy(lives: readonly Life[], where: Whereabouts): Broken {
  const labels = (matches: (life: Life) => boolean) =>
    lives.filter(matches).map(({ asked }) => asked.label);
  return {
    unsettled: labels(({ outcomes }) => outcomes.length === 0),
    settledTwice: labels(({ outcomes }) => outcomes.length > 1),
    ranTwice: labels(({ runs }) => runs.length > 1),
    ranThoughNo: labels((life) => isDelivered(life, 'no') && life.runs.length > 0),
    wronglyAnswered: labels((life) => isOk(life) && !isRight(life)),
    failedWithin: labels((life) => where.isWithin(life) && !isOk(life)),
    outlivedLink: labels((life) => where.outlivedLink(life)),
    ...disorderOf(lives),
  };
}

/** Where and when requests of a trace were, compared with the links. */
class Whereabouts {
  readonly #uptime: Uptime;
  readonly #killsMs: readonly number[];
  readonly #actorOf: ReadonlyMap<string, string>;

  constructor(trace: readonly Entry[], killsMs: readonly number[]) {
    this.#uptime = new Uptime(trace);
    this.#killsMs = killsMs;
    this.#actorOf = actorsOf(trace);
  }

  isWithin({ asked }: Life): boolean {
    return this.#actorOf.get(asked.to) === asked.actor;
  }

  isCovered(life: Life): boolean {
    const { asked, outcomes } = life;
    const lostMs = asked.atMs + Number(asked.args[0]) + GRACE_MS;
    const endMs = Math.min(lostMs, outcomes[0]?.atMs ?? lostMs);
    const ends = [asked.actor, this.#actorOf.get(asked.to) ?? ''];
    const isKilled = this.#killsMs.some((atMs) => atMs > asked.atMs && atMs < endMs);
    if (this.isWithin(life) || isKilled) return false;
    return ends.every((actor) => this.#uptime.covers(actor, asked.atMs, endMs));
  }

  outlivedLink(life: Life): boolean {
    const { asked, outcomes } = life;
    const endMs = outcomes[0]?.atMs ?? Number.POSITIVE_INFINITY;
    return !this.isWithin(life) && this.#uptime.begins(asked.actor, asked.atMs, endMs);
  }
}

/** Of requests that all go one way: on its first answer, a chosen id gets another one. */
function disorderOf(lives: readonly Life[]): Pick<Broken, 'ranTooEarly' | 'skipped'> {
  const ways = new Map<string, Life[]>();
  for (const life of lives) {
    const { actor, side, from, kind, to } = life.asked;
    if (kind !== 'client' && !isGenerated(to)) continue;
    const way = [actor, side, from, kind, to].join(' ');
    ways.set(way, [...(ways.get(way) ?? []), life]);
  }
  const all = [...ways.values()].map(disorderOfWay);
  return {
    ranTooEarly: all.flatMap(({ ranTooEarly }) => ranTooEarly),
    skipped: all.flatMap(({ skipped }) => skipped),
  };
}

/** From the last request to the first: what ran has to have run before all that came later. */
function disorderOfWay(lives: readonly Life[]) {
  const ranTooEarly: string[] = [];
  const skipped: string[] = [];
  let later: Life | null = null;
  for (const life of lives.toReversed()) {
    const { asked, runs, outcomes } = life;
    const [laterMs, ranMs] = [later?.runs[0]?.atMs, runs[0]?.atMs];
    if (later !== null && laterMs !== undefined) {
      if (ranMs !== undefined && ranMs > laterMs) ranTooEarly.push(later.asked.label);
      const isWaiting = (outcomes[0]?.atMs ?? laterMs) >= laterMs;
      if (ranMs === undefined && isWaiting && !isDelivered(life, 'no')) skipped.push(asked.label);
    }
    if (ranMs !== undefined) later = life;
  }
  return { ranTooEarly, skipped };
}

function tally(lives: readonly Life[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcomes } of lives) {
    const short = outcomes[0] === undefined ? 'unsettled' : shortOf(outcomes[0].outcome);
    counts[short] = (counts[short] ?? 0) + 1;
  }
  return counts;
}
