import { type Incident, untilRecovered } from './incident.ts';
import { type Life, livesOf } from './lives.ts';
import { type ChaosRun, TIMEOUT_MS } from './run.ts';
import { shareOf } from './share.ts';
import { overlap } from './span.ts';
import { type Broken, type Counts, countsOf, judge, type Verdict } from './verdict.ts';

/** What one fault did each time that it came, to what was asked from then until all recovered. */
export interface FaultResult extends Counts {
  readonly fault: string;
  readonly times: number;
  readonly broken: Tally;
  /** From the end of the fault until each pair of processes had an answer: over all times. */
  readonly recoveryMs: { readonly median: number; readonly max: number };
}

/** How many requests broke each rule. */
export type Tally = Readonly<Record<keyof Broken, number>>;

/** What a run of chaos is kept of. */
export interface ChaosResult extends Omit<Verdict, 'broken'> {
  readonly seed: number;
  readonly seconds: number;
  readonly messages: number;
  readonly broken: Tally;
  readonly faults: readonly FaultResult[];
}

/** What is to be said of a run, and the labels of requests that broke a rule. */
export function resultOf(
  { trace, incidents, messages }: ChaosRun,
  seed: number,
): { readonly result: ChaosResult; readonly broken: Broken } {
  const { broken, ...verdict } = judge(trace, incidents, TIMEOUT_MS);
  const lives = livesOf(trace);
  const faults = [...new Set(incidents.map(({ fault }) => fault))].map((fault) => {
    const own = incidents.filter((incident) => incident.fault === fault);
    return faultResult(own, lives, broken);
  });
  const [first, last] = [lives[0]?.asked.atMs ?? 0, lives.at(-1)?.asked.atMs ?? 0];
  const seconds = Math.round((last - first) / 1_000);
  return {
    result: { seed, seconds, messages, ...verdict, broken: tallyOf(broken), faults },
    broken,
  };
}

function faultResult(
  incidents: readonly Incident[],
  lives: readonly Life[],
  broken: Broken,
): FaultResult {
  const own = lives.filter(({ asked }) => {
    const at = { fromMs: asked.atMs, toMs: asked.atMs };
    return incidents.some((incident) => overlap(untilRecovered(incident), at));
  });
  const labels = new Set(own.map(({ asked }) => asked.label));
  const recoveryMs = incidents.flatMap((incident) => incident.recoveryMs);
  return {
    fault: incidents[0]?.fault ?? '',
    times: incidents.length,
    ...countsOf(own),
    broken: tallyOf(broken, (label) => labels.has(label)),
    recoveryMs: { median: shareOf(recoveryMs, 0.5), max: shareOf(recoveryMs, 1) },
  };
}

function tallyOf(broken: Broken, isOwn: (label: string) => boolean = () => true): Tally {
  const counts = Object.entries(broken).map(([rule, labels]) => [
    rule,
    (labels as readonly string[]).filter(isOwn).length,
  ]);
  return Object.fromEntries(counts);
}
