import { Coverage } from './coverage.ts';
import type { InvariantId } from './invariants.ts';
import type { Plan } from './plan.ts';
import type { Runner } from './runner.ts';

/** Schedules that a search for a smaller one may take. */
const ATTEMPTS_MAX = 600;

/** The smallest plan found that fails in the same way: fewer faults first, then fewer calls. */
export async function shrink(runner: Runner, plan: Plan, invariant: InvariantId): Promise<Plan> {
  let attempts = 0;
  const fails = async (candidate: Plan): Promise<boolean> => {
    attempts += 1;
    if (attempts > ATTEMPTS_MAX) return false;
    const { violations } = await runner.result(candidate, new Coverage(), false);
    return violations.some((violation) => violation.invariant === invariant);
  };
  let smallest = plan;
  for (let before = -1; before !== sizeOf(smallest) && attempts <= ATTEMPTS_MAX; ) {
    before = sizeOf(smallest);
    smallest = await without(smallest, 'faults', fails);
    smallest = await without(smallest, 'ops', fails);
    smallest = await lonelier(smallest, fails);
    smallest = await plainer(smallest, fails);
  }
  return smallest;
}

function sizeOf({ faults, ops, setup }: Plan): number {
  return faults.length + ops.length + setup.slots + Object.keys(setup.limits).length;
}

/** The same with fewer clients; what the others were to do is left out. */
async function lonelier(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  const { setup } = plan;
  for (let slots = 1; slots < setup.slots; slots += 1) {
    const chosen = Math.min(setup.chosen, slots);
    const candidate = { ...plan, setup: { ...setup, slots, chosen } };
    if (await fails(candidate)) return candidate;
  }
  return plan;
}

/** Take parts of a list away, large ones first, for as long as the plan still fails. */
async function without(
  plan: Plan,
  part: 'faults' | 'ops',
  fails: (plan: Plan) => Promise<boolean>,
): Promise<Plan> {
  let smallest = plan;
  for (let size = Math.ceil(plan[part].length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest[part].length; ) {
      const rest: readonly unknown[] = smallest[part].toSpliced(at, size);
      const candidate = { ...smallest, [part]: rest } as Plan;
      if (await fails(candidate)) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}

/** The same in a world with less that is special. */
async function plainer(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan;
  const limits = Object.entries(plan.setup.limits);
  const setups = [
    { isCoarse: false },
    { intercepts: false },
    { isLayered: false },
    { queueWhileDown: false },
    { hasControlLane: false },
    { servers: 1 },
    { verdicts: 'exact' as const },
    { limits: {} },
    ...limits.map((limit) => ({ limits: Object.fromEntries(limits.filter((l) => l !== limit)) })),
  ];
  for (const setup of setups) {
    const candidate = { ...smallest, setup: { ...smallest.setup, ...setup } };
    if (JSON.stringify(candidate.setup) === JSON.stringify(smallest.setup)) continue;
    if (await fails(candidate)) smallest = candidate;
  }
  return smallest;
}
