import type { Limits } from '@swarm/core';
import { VERDICTS } from './broker.ts';
import type { Fault } from './faults.ts';
import type { Latency } from './lane.ts';
import {
  ACTIVE_MS,
  type Deed,
  type Interception,
  type Op,
  type Plan,
  type Setup,
  type Way,
} from './plan.ts';
import { planFaults } from './plan-faults.ts';
import { Random } from './random.ts';

/** Requests a schedule has at least. */
const REQUESTS_MIN = 30;

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const setup = planSetup(random.fork(1));
  const faults = planFaults(random.fork(3), setup);
  const ops = planOps(random.fork(2), setup, faults);
  return { seed, setup, ops, faults };
}

const LATENCIES: readonly Latency[] = [
  { minMs: 0.1, maxMs: 1 },
  { minMs: 0.5, maxMs: 5 },
  { minMs: 1, maxMs: 20 },
];

function planSetup(random: Random): Setup {
  const slots = 6 + random.below(3);
  return {
    processes: random.chance(0.75) ? 3 : 4,
    slots,
    chosen: 2 + random.below(slots - 3),
    takeover: random.chance(0.5) ? 'newest' : 'oldest',
    verdicts: random.pick(VERDICTS),
    hasControlLane: random.chance(0.5),
    swarmLatency: random.pick(LATENCIES),
    socketLatency: random.pick(LATENCIES),
    isCoarse: random.chance(0.5),
    intercepts: random.chance(0.5),
    queueWhileDown: random.chance(0.3),
    roams: random.chance(0.6),
    limits: planLimits(random),
  };
}

/** Limits that are reached, each in some schedules only. */
const SMALL: Partial<Limits> = {
  batchedFrameBytesMax: 200,
  batchBytesMax: 400,
  swarmFrameBytesMax: 20_000,
  announcedPerCallMax: 1,
  deliveriesPerTurnMax: 3,
  learnedRoutesMax: 2,
  watchedInboxesMax: 1,
  openRequestsMax: 4,
  routedRequestsMax: 16,
  waitingFramesMax: 4,
  turnMessagesMax: 16,
  socketBufferBytesMax: 2_000,
};

function planLimits(random: Random): Partial<Limits> {
  const share = random.pick([0, 0.15, 0.4]);
  return Object.fromEntries(Object.entries(SMALL).filter(() => random.chance(share)));
}

function planOps(random: Random, setup: Setup, faults: readonly Fault[]): Op[] {
  const bursts = Array.from({ length: 8 }, () => random.between(0, ACTIVE_MS));
  const ops = faults.flatMap((fault) => aroundMove(random, setup, bursts, fault));
  for (let requests = 0; requests < REQUESTS_MIN; ) {
    const op = planOp(random, setup, bursts);
    if (!op.isEvent) requests += 1;
    ops.push(op);
  }
  return ops.sort((a, b) => a.atMs - b.atMs);
}

/**
 * Ids that change hands are asked for at that very time; and by the same before, so that they are
 * asked for where they were.
 */
function aroundMove(
  random: Random,
  setup: Setup,
  bursts: readonly number[],
  { kind, slot, atMs, other }: Fault,
): Op[] {
  if ((kind !== 'move' && kind !== 'cut') || slot >= setup.chosen) return [];
  const { processes } = setup;
  const home = slot % processes;
  // From where it neither was at first, nor is afterwards.
  const bystander = [0, 1, 2].find((process) => process !== home && process !== other) ?? 0;
  const from = random.chance(0.7) ? -1 - bystander : random.below(setup.slots);
  const after = [random.between(-10, 60), random.between(30, 200), random.between(60, 400)];
  const times = [random.between(-200, -40), ...after];
  return times.map((afterMs) => {
    const way = random.pick(['side', 'through'] as const);
    const op = { ...planOp(random, setup, bursts), way, from, to: slot };
    return {
      ...op,
      atMs: Math.min(ACTIVE_MS, Math.max(0, atMs + afterMs)),
      deed: 'now',
      timeoutMs: 400,
    };
  });
}

const WAYS: readonly Way[] = ['up', 'down', 'side', 'side', 'through'];
const DEEDS: readonly Deed[] = ['now', 'now', 'now', 'now', 'later', 'later', 'hang', 'throw'];
const INTERCEPTIONS: readonly Interception[] = [
  'pass',
  'pass',
  'rewrite',
  'answer',
  'slow',
  'throw',
];

function planOp(random: Random, setup: Setup, bursts: readonly number[]): Op {
  const way = random.pick(WAYS);
  const isBySocket = way === 'up' || way === 'down';
  const isOfServer = !isBySocket && random.chance(0.2);
  return {
    atMs: random.chance(0.7) ? random.pick(bursts) : random.between(0, ACTIVE_MS),
    way,
    from: isOfServer ? -1 - random.below(setup.processes) : random.below(setup.slots),
    to: random.chance(0.03) ? -1 : random.below(setup.slots),
    isEvent: random.chance(0.2),
    timeoutMs: random.chance(0.2) ? random.between(5, 60) : random.between(60, 900),
    cancelAfterMs: random.chance(0.12) ? random.between(0, 40) : null,
    deed: random.chance(0.05) ? 'unhandled' : random.pick(DEEDS),
    deedMs: random.between(0, 30),
    interception: random.pick(INTERCEPTIONS),
    padBytes: random.chance(0.15) ? random.pick([250, 250, 5_000, 18_000]) : 0,
  };
}
