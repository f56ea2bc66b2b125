import type { Core } from './core.ts';
import { corpusLine } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { INVARIANTS } from './invariants.ts';
import type { Plan } from './plan.ts';
import { planOf } from './planner.ts';
import { Runner } from './runner.ts';
import { shrink } from './shrink.ts';
import { WRONG } from './trace.ts';

type Print = (text: string) => void;

/**
 * Show the schedule of a seed: as it is, or if it fails, the smallest found that fails like it,
 * and the line by which the corpus remembers that. True if it holds.
 */
export async function replay(seed: number, isWhole: boolean, print: Print): Promise<boolean> {
  const runner = new Runner((await import('@swarm/core')) as Core);
  try {
    const plan = planOf(seed);
    const [first] = (await runner.result(plan, new Coverage(), false)).violations;
    const isSmall = first !== undefined && !isWhole;
    const shown = isSmall ? await shrink(runner, plan, first.invariant) : plan;
    await show(runner, shown, isWhole, print);
    if (first === undefined) return true;
    print(`seed ${seed} failed; again with: pnpm sim --seed ${seed}`);
    if (isSmall) {
      const bug = 'say here what was wrong';
      print('to remember it, add to packages/conformance/corpus/simulator.jsonl:');
      print(corpusLine({ bug, invariant: first.invariant, plan: shown }));
    }
    return false;
  } finally {
    runner.stop();
  }
}

/** What comes after the last thing that did not hold is of no interest, unless all of it is. */
async function show(runner: Runner, plan: Plan, isWhole: boolean, print: Print): Promise<void> {
  const { lines, violations, hash } = await runner.result(plan, new Coverage(), true);
  const { seed, faults, ops, setup } = plan;
  print(`\nseed ${seed}: ${faults.length} faults, ${ops.length} calls, ${JSON.stringify(setup)}`);
  const last = lines.findLastIndex((line) => line.includes(WRONG));
  for (const line of isWhole || last === -1 ? lines : lines.slice(0, last + 1)) print(line);
  for (const { invariant, text } of violations) {
    print(`${invariant} (${INVARIANTS[invariant]}): ${text}`);
  }
  if (violations.length === 0) print(`seed ${seed} holds, trace ${hash}`);
}
