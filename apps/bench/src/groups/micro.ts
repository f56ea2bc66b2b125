import { again, type Group } from '../plan.ts';
import { STEPS } from '../roles/micro.ts';

const names = Object.keys(STEPS);
const [first = ''] = names;
const EFFORT = { inFlight: 1, ms: 200, requestsMax: 100_000_000 };

/** What the core does to one frame. Nothing is judged: it tells where time goes. */
export const micro: Group = {
  name: 'micro',
  title: 'Codecs, guards and frames',
  brokers: [],
  payloadBytes: 100,
  efforts: [EFFORT],
  warmUp: EFFORT,
  cases: [first, ...names].map((name, index) => ({
    name: index === 0 ? again(name) : name,
    role: 'micro' as const,
    variant: name,
  })),
  comparisons: [{ a: again(first), b: first, metric: 'p50', inFlight: 1 }],
  goals: [],
};
