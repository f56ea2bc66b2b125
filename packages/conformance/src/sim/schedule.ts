import { perform } from './asking.ts';
import type { Violation } from './audit.ts';
import type { Core } from './core.ts';
import type { Coverage } from './coverage.ts';
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

/** Run one schedule, in one task of the platform. */
export async function runSchedule(
  core: Core,
  plan: Plan,
  coverage: Coverage,
  isTraceKept = false,
): Promise<Result> {
  const world = new World(core, plan, coverage, isTraceKept);
  // Microtasks cannot be drained from within one.
  await task(() => live(world));
  // Rejections that nobody has handled are told when the task is over.
  await task(() => {});
  const { audit, trace } = world;
  return {
    violations: audit.violations,
    hash: trace.hash,
    lines: trace.lines,
    calls: audit.calls.length,
    requests: audit.calls.filter(({ op }) => !op.isEvent).length,
  };
}

function task(run: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        run();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** From the first process to the last. */
function live(world: World): void {
  const { plan, timeline, processes } = world;
  for (const process of processes) process.start();
  world.settle();
  world.until(BOOT_MS, () => processes.every(({ isUp }) => isUp));
  for (let slot = 0; slot < plan.setup.slots; slot += 1) world.join(slot, slot % processes.length);
  world.settle();
  world.until(timeline.nowMs + BOOT_MS, () => {
    return world.slots.every(({ client, node }) => client.isOpen && node !== null);
  });
  const startMs = timeline.nowMs;
  for (const op of plan.ops) timeline.at(startMs + op.atMs, null, () => perform(world, op));
  const doer = new FaultDoer(world);
  for (const fault of plan.faults) {
    timeline.at(startMs + fault.atMs, null, () => doer.begin(fault));
  }
  world.until(startMs + ACTIVE_MS);
  calmDown(world);
  probeAll(world);
  closeAll(world);
}
