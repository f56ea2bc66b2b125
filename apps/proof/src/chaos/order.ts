import { isGenerated } from '../rename.ts';
import { isDelivered, type Life } from './lives.ts';
import type { Whereabouts } from './whereabouts.ts';

/** Labels of requests that ran in another order than they were sent in. */
export interface Disorder {
  /** Began to run before what the same sender had asked the same receiver earlier. */
  readonly ranTooEarly: readonly string[];
  /** Still waited for, and never run, when a later one of that sender to that receiver ran. */
  readonly skipped: readonly string[];
}

/** Of requests that all go one way: on its first answer, a chosen id gets another one. */
export function disorderOf(lives: readonly Life[], where: Whereabouts): Disorder {
  const ways = new Map<string, Life[]>();
  for (const life of lives) {
    const { actor, side, from, kind, to } = life.asked;
    if (kind !== 'client' && !isGenerated(to)) continue;
    const way = [actor, side, from, kind, to].join(' ');
    const those = ways.get(way) ?? [];
    ways.set(way, those);
    those.push(life);
  }
  const all = [...ways.values()].map((way) => disorderOfWay(way, where));
  return {
    ranTooEarly: all.flatMap(({ ranTooEarly }) => ranTooEarly),
    skipped: all.flatMap(({ skipped }) => skipped),
  };
}

/** From the last request to the first: what ran has to have run before all that came later. */
function disorderOfWay(lives: readonly Life[], where: Whereabouts): Disorder {
  const ranTooEarly: string[] = [];
  const skipped: string[] = [];
  let later: Life | null = null;
  for (const life of lives.toReversed()) {
    const wrong = later === null ? null : wrongOf(life, later, where);
    if (wrong === 'overtaken') ranTooEarly.push(later?.asked.label ?? '');
    if (wrong === 'skipped') skipped.push(life.asked.label);
    if (life.runs.length > 0) later = life;
  }
  return { ranTooEarly, skipped };
}

/** Order is promised for as long as both ends keep their links. `later` ran. */
function wrongOf(life: Life, later: Life, where: Whereabouts): 'overtaken' | 'skipped' | null {
  const [laterMs, ranMs] = [later, life].map(({ runs }) => runs[0]?.atMs) as [number, number?];
  if (!where.isWithin(life) && !where.isLinked(life, Math.max(laterMs, ranMs ?? 0))) return null;
  if (ranMs !== undefined) return ranMs > laterMs ? 'overtaken' : null;
  const isWaiting = (life.outcomes[0]?.atMs ?? laterMs) >= laterMs;
  return isWaiting && !isDelivered(life, 'no') ? 'skipped' : null;
}
