import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Scene, type Step, steps } from './scene.ts';

async function play(seed: number, list: readonly Step[]) {
  const scene = new Scene(seed);
  await scene.open();
  for (const step of list) await scene.take(step);
  await scene.world.runtime.advance(3_000);
  const { transcript, ends } = scene;
  await scene.world.close();
  return { transcript, ends };
}

it('does the same, message by message, for the same seed and the same input', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(steps, { maxLength: 20 }), async (seed, list) => {
      const first = await play(seed, list);
      const second = await play(seed, list);

      expect(second).toEqual(first);
      expect(first.transcript.length).toBeGreaterThan(0);
    }),
    { numRuns: 40 },
  );
}, 20_000);
