import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Scene, steps } from './scene.ts';

it('settles every promise there is, by its deadline, and leaves nothing running', async () => {
  const seen = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.array(steps, { minLength: 10, maxLength: 40 }),
      async (seed, list) => {
        const scene = new Scene(seed);
        await scene.open();

        for (const step of list) await scene.take(step);
        await scene.world.runtime.advance(2_000 + 128);

        expect(scene.ends).toHaveLength(scene.asked);
        await scene.world.close();
        await scene.world.runtime.advance(500);
        expect(scene.world.runtime.timers).toBe(0);
        for (const end of scene.ends) seen.add(typeof end === 'string' ? end : 'answer');
      },
    ),
    { numRuns: 200, seed: 1 },
  );
  // The scene is worth its time only if every way to end has been seen.
  for (const end of [
    ...['answer', 'endpoint/yes', 'timeout/unknown', 'cancelled/unknown', 'unhandled/no'],
    ...['unreachable/no', 'closed/no', 'closed/unknown'],
  ]) {
    expect(seen).toContain(end);
  }
}, 20_000);
