import { perform } from './asking.ts';
import type { Violation } from './audit.ts';
import type { Core } from './core.ts';
import type { Coverage } from './coverage.ts';
import { drainMicrotasks } from './drain.ts';
import { FaultDoer } from './fault-doer.ts';
import { ACTIVE_MS, type Plan } from './plan.ts';
import { calmDown, closeAll, probeAll } from './quiet.ts';
import { World } from './world.ts';

/** What became of a schedule. */
export interface Result {
  readonly violations: readonly Violation[];
  readonly hash: number;
  readonly lines: readonly string[];
  readonly calls: number;
  readonly requests: number;
}

/** Until all are connected at first, in ms. */
const BOOT_MS = 400;

/** Run one schedule, in one task of the platform where V8 lets us drain its microtasks. */
export async function runSchedule(
  core: Core,
  plan: Plan,
  coverage: Coverage,
  isTraceKept = false,
): Promise<Result> {
  const world = new World(core, plan, coverage, isTraceKept);
  const steps = live(world);
  // Microtasks cannot be drained from within one.
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      if (drainMicrotasks !== null) drive(steps, drainMicrotasks);
      resolve();
    });
  });
  while (steps.next().done !== true) await new Promise((resolve) => setImmediate(resolve));
  const { audit, trace } = world;
  return {
    violations: audit.violations,
    hash: trace.hash,
    lines: trace.lines,
    calls: audit.calls.length,
    requests: audit.calls.filter(({ op }) => !op.isEvent).length,
  };
}

function drive(steps: Generator<void, void, void>, drain: () => void): void {
  while (steps.next().done !== true) drain();
}

/** From the first process to the last; yields whenever promises are to move. */
function* live(world: World): Generator<void, void, void> {
  const { plan, timeline, processes } = world;
  for (const process of processes) process.start();
  yield;
  yield* world.until(BOOT_MS, () => processes.every(({ isUp }) => isUp));
  for (let slot = 0; slot < plan.setup.slots; slot += 1) world.join(slot, slot % processes.length);
  yield;
  yield* world.until(timeline.nowMs + BOOT_MS, () => {
    return world.slots.every(({ client, node }) => client.isOpen && node !== null);
  });
  const startMs = timeline.nowMs;
  for (const op of plan.ops) timeline.at(startMs + op.atMs, null, () => perform(world, op));
  const doer = new FaultDoer(world);
  for (const fault of plan.faults) {
    timeline.at(startMs + fault.atMs, null, () => doer.begin(fault));
  }
  yield* world.until(startMs + ACTIVE_MS);
  yield* calmDown(world);
  yield* probeAll(world);
  yield* closeAll(world);
}
