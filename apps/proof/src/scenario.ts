import { Cast } from './stage/cast.ts';
import type { Site } from './stage/site.ts';
import { ASKING } from './steps/asking.ts';
import { ENDING } from './steps/ending.ts';
import { FAILING } from './steps/failing.ts';
import { KEEPING, MOVING } from './steps/moving.ts';
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
    steps: [...ASKING, ...ENDING, ...MOVING, ...FAILING],
  },
  { namespace: 'proof-oldest', takeover: 'oldest', isDoubling: true, steps: KEEPING },
];

/**
 * Performs all scenes on a site.
 *
 * @throws Error with the name of the step that did not go as it should.
 */
export async function perform(site: Site): Promise<Performance> {
  const trace: Entry[] = [];
  let messages = 0;
  for (const scene of SCENES) {
    const cast = new Cast(site, scene);
    try {
      await play(cast, scene.steps);
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
