import { Cast } from './stage/cast.ts';
import type { Site } from './stage/site.ts';
import { ASKING } from './steps/asking.ts';
import { BURDENING } from './steps/burdening.ts';
import { ENDING } from './steps/ending.ts';
import { FAILING } from './steps/failing.ts';
import { KEEPING, MOVING } from './steps/moving.ts';
import { PARTING } from './steps/parting.ts';
import type { Step } from './steps/step.ts';
import type { Entry } from './trace.ts';

/** What happened in a scenario, and how many messages the broker was given for it. */
export interface Performance {
  readonly trace: readonly Entry[];
  readonly messages: number;
}

interface Scene {
  readonly namespace: string;
  readonly takeover: 'newest' | 'oldest';
  readonly isDoubling: boolean;
  readonly steps: readonly Step[];
}

/** What happens on every broker, in this order. Each scene has actors of its own. */
export const SCENES: readonly Scene[] = [
  {
    namespace: 'proof',
    takeover: 'newest',
    isDoubling: false,
    steps: [...ASKING, ...ENDING, ...BURDENING, ...MOVING, ...PARTING, ...FAILING],
  },
  { namespace: 'proof-oldest', takeover: 'oldest', isDoubling: true, steps: KEEPING },
];

/** The steps by the file that has them. */
export const STEP_FILES: ReadonlyMap<string, readonly Step[]> = new Map([
  ['asking.ts', ASKING],
  ['burdening.ts', BURDENING],
  ['ending.ts', ENDING],
  ['failing.ts', FAILING],
  ['moving.ts', [...MOVING, ...KEEPING]],
  ['parting.ts', PARTING],
]);

/** So many servers take part: with two, one of them has the parts of two. */
export const PROCESSES = [2, 3] as const;

/**
 * Performs all scenes on a site.
 *
 * @throws Error with the name of the step that did not go as it should.
 */
export async function perform(site: Site, processes: number): Promise<Performance> {
  const trace: Entry[] = [];
  let messages = 0;
  for (const { steps, ...options } of SCENES) {
    const cast = new Cast(site, { ...options, actorsMax: processes });
    try {
      await play(cast, steps);
      trace.push(...cast.trace);
    } finally {
      messages += await cast.end();
    }
  }
  return { trace, messages };
}

async function play(cast: Cast, steps: readonly Step[]): Promise<void> {
  for (const { name, run } of steps) {
    cast.begin(name);
    try {
      await run(cast);
      await cast.settle();
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message}`, { cause });
    }
  }
}
