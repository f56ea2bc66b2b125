import { shortOf } from '../outcome.ts';
import { isGenerated } from '../rename.ts';
import type { Entry } from '../trace.ts';
import { type Incident, untilRecovered } from './incident.ts';
import { actorsOf, type Life } from './lives.ts';
import { overlap, type Span } from './span.ts';
import { Uptime } from './uptime.ts';

/** A request that has no outcome so long after its handler was to answer is lost, in ms. */
const GRACE_MS = 1_000;
/** Ids that somebody chose are announced again this soon after a link is ready, in ms. */
const ANNOUNCE_MS = 1_000;

/** Where and when requests of a trace were, compared with links and faults. */
export class Whereabouts {
  readonly #uptime: Uptime;
  readonly #incidents: readonly Incident[];
  readonly #actorOf: ReadonlyMap<string, string>;

  /** `trace` is in the order of time. */
  constructor(trace: readonly Entry[], incidents: readonly Incident[]) {
    this.#uptime = new Uptime(trace);
    this.#incidents = incidents;
    this.#actorOf = actorsOf(trace);
  }

  /** Both ends are in one process. */
  isWithin({ asked }: Life): boolean {
    return this.#actorOf.get(asked.to) === asked.actor;
  }

  /** Both links were ready, and nothing was wrong: it has no reason to fail but one. */
  isCovered(life: Life): boolean {
    const span = spanOf(life);
    const isHarmed = this.#incidents.some(
      (each) => !each.isHarmless && overlap(untilRecovered(each), span),
    );
    return !this.isWithin(life) && !isHarmed && this.isLinked(life, span.toMs);
  }

  /** The one reason: an id that somebody chose is announced just after its process is linked. */
  isEarly({ asked, outcomes }: Life): boolean {
    const [settled] = outcomes;
    if (settled === undefined || isGenerated(asked.to)) return false;
    const before = { fromMs: asked.atMs - ANNOUNCE_MS, toMs: asked.atMs };
    const isNew = this.#uptime.begins(this.#ownerOf(asked.to), before);
    return isNew && shortOf(settled.outcome) === 'unreachable/no';
  }

  /** Both ends had their links from before it was made until then, and the same ones. */
  isLinked({ asked }: Life, untilMs: number): boolean {
    const span = { fromMs: asked.atMs, toMs: untilMs };
    const ends = [asked.actor, this.#ownerOf(asked.to)];
    return ends.every((actor) => this.#uptime.covers(actor, span));
  }

  /** It was sent by one link, or by none, and settled after the next one was there. */
  outlivedLink(life: Life): boolean {
    const { asked, outcomes } = life;
    const toMs = outcomes[0]?.atMs ?? Number.POSITIVE_INFINITY;
    return !this.isWithin(life) && this.#uptime.begins(asked.actor, { fromMs: asked.atMs, toMs });
  }

  /** For how long the asking process stood still before it settled, at most. */
  frozenMs({ asked, outcomes }: Life): number {
    const own = { fromMs: asked.atMs, toMs: outcomes[0]?.atMs ?? asked.atMs };
    return this.#incidents
      .filter(({ frozen, span }) => frozen.includes(asked.actor) && overlap(span, own))
      .reduce((sum, { span }) => sum + span.toMs - span.fromMs, 0);
  }

  #ownerOf(node: string): string {
    return this.#actorOf.get(node) ?? '';
  }
}

/** From the question to the outcome, or until it is clear that there will be none. */
function spanOf({ asked, outcomes }: Life): Span {
  const lostMs = asked.atMs + Number(asked.args[0]) + GRACE_MS;
  return { fromMs: asked.atMs, toMs: Math.min(lostMs, outcomes[0]?.atMs ?? lostMs) };
}
