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

/** Of those, so many have nothing to do with any fault. */
const ANY_MIN = 16;

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const any = planSetup(random.fork(1));
  const faults = planFaults(random.fork(3), any);
  // Clients that soon notice are back while what their last connection held up still comes.
  const areWary = faults.some(({ kind }) => kind === 'clog') && random.chance(0.6);
  const setup = areWary ? { ...any, pingIntervalMs: 250 } : any;
  const ops = planOps(random.fork(2), setup, faults);
  return { seed, setup, ops, faults };
}

const LATENCIES: readonly Latency[] = [
  { minMs: 0.1, maxMs: 1 },
  { minMs: 0.5, maxMs: 5 },
  { minMs: 1, maxMs: 20 },
];

/** So many brokers have several servers. */
const SEVERAL_SHARE = 0.25;

/** From one of them to another it may take longer than from a process to its own. */
const FAR: Latency = { minMs: 5, maxMs: 60 };

function planServers(random: Random): Pick<Setup, 'servers' | 'routeLatency'> {
  const servers = random.chance(SEVERAL_SHARE) ? 3 : 1;
  return { servers, routeLatency: random.pick([...LATENCIES, FAR, FAR]) };
}

function planSetup(random: Random): Setup {
  const slots = 6 + random.below(3);
  return {
    processes: random.chance(0.75) ? 3 : 4,
    slots,
    chosen: 2 + random.below(slots - 3),
    takeover: random.chance(0.5) ? 'newest' : 'oldest',
    ...planServers(random.fork(4)),
    verdicts: random.pick(VERDICTS),
    hasControlLane: random.chance(0.5),
    swarmLatency: random.pick(LATENCIES),
    socketLatency: random.pick(LATENCIES),
    isCoarse: random.chance(0.5),
    intercepts: random.chance(0.5),
    isLayered: random.chance(0.3),
    queueWhileDown: random.chance(0.3),
    pingIntervalMs: 700,
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

/** A client whose answers are held up asks again when it has given up its connection. */
function aroundClog(
  random: Random,
  setup: Setup,
  bursts: readonly Burst[],
  { slot, atMs }: Fault,
): Op[] {
  const times = [0, 10, 20, 700, 900, 1_100].map(
    (afterMs) => atMs + random.between(0, 100) + afterMs,
  );
  return times
    .filter((time) => time < ACTIVE_MS)
    .map((time, at) => {
      const op = planOp(random, setup, bursts);
      return { ...op, atMs: time, way: 'up', from: slot, deed: at < 3 ? 'now' : 'hang' };
    });
}

/** A time at which much is asked, and two who then have much to say to each other. */
type Burst = Pick<Op, 'atMs' | 'way' | 'from' | 'to'>;

const BURSTS = 8;

function planBurst(random: Random, setup: Setup): Burst {
  return {
    atMs: random.between(0, ACTIVE_MS),
    way: random.pick(WAYS),
    from: random.below(setup.slots),
    to: random.below(setup.slots),
  };
}

function planOps(random: Random, setup: Setup, faults: readonly Fault[]): Op[] {
  const bursts = Array.from({ length: BURSTS }, () => planBurst(random, setup));
  const ops = faults.flatMap((fault) => {
    if (fault.kind === 'clog') return aroundClog(random, setup, bursts, fault);
    return aroundMove(random, setup, bursts, fault);
  });
  const pointed = ops.filter(({ isEvent }) => !isEvent).length;
  for (let rest = Math.max(REQUESTS_MIN - pointed, ANY_MIN); rest > 0; ) {
    const op = planOp(random, setup, bursts);
    if (!op.isEvent) rest -= 1;
    ops.push(op);
  }
  return ops.sort((a, b) => a.atMs - b.atMs);
}

/**
 * Ids that change hands are asked for at that very time: by one who has asked before, so that it
 * asks where they were, or by several who have not, so that they ask everybody.
 */
function aroundMove(
  random: Random,
  setup: Setup,
  bursts: readonly Burst[],
  { kind, slot, atMs, other }: Fault,
): Op[] {
  if ((kind !== 'move' && kind !== 'cut') || slot >= setup.chosen) return [];
  const { processes, socketLatency, swarmLatency } = setup;
  const home = slot % processes;
  // From where it neither was at first, nor is afterwards.
  const bystander = [0, 1, 2].find((process) => process !== home && process !== other) ?? 0;
  const first = random.chance(0.7) ? -1 - bystander : random.below(setup.slots);
  const second = -1 - random.below(processes);
  const ask = (from: number, afterMs: number): Op => ({
    ...planOp(random, setup, bursts),
    way: random.pick(['side', 'through', 'through'] as const),
    from,
    to: slot,
    atMs: Math.min(ACTIVE_MS, Math.max(0, atMs + afterMs)),
    deed: 'now',
    timeoutMs: 400,
  });
  const last = ask(first, random.between(60, 400));
  if (random.chance(0.7)) {
    const asked = [first, second].flatMap((from) => [
      ask(from, random.between(-200, -40)),
      ask(from, random.between(0, 80)),
    ]);
    return [...asked, ask(first, random.between(30, 200)), last];
  }
  // While the new owner is heard already, and may not be the owner for long.
  const crossing = [0, 1, 2, 3].map((at) => {
    const afterMs = socketLatency.maxMs + random.between(0, 5 * swarmLatency.maxMs);
    return ask(-1 - (at % processes), afterMs);
  });
  return [...crossing, last];
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

function planOp(random: Random, setup: Setup, bursts: readonly Burst[]): Op {
  const burst = random.chance(0.7) ? random.pick(bursts) : null;
  const pair = burst !== null && random.chance(0.35) ? burst : planPair(random, setup);
  return {
    atMs: burst?.atMs ?? random.between(0, ACTIVE_MS),
    way: pair.way,
    from: pair.from,
    to: pair.to,
    isEvent: random.chance(0.2),
    timeoutMs: random.chance(0.2) ? random.between(5, 60) : random.between(60, 900),
    cancelAfterMs: random.chance(0.12) ? random.between(0, 40) : null,
    deed: random.chance(0.05) ? 'unhandled' : random.pick(DEEDS),
    deedMs: random.between(0, 30),
    interception: random.pick(INTERCEPTIONS),
    padBytes: random.chance(0.15) ? random.pick([250, 250, 250, 5_000, 18_000]) : 0,
  };
}

function planPair(random: Random, setup: Setup): Pick<Op, 'way' | 'from' | 'to'> {
  const way = random.pick(WAYS);
  const isBySocket = way === 'up' || way === 'down';
  const isOfServer = !isBySocket && random.chance(0.2);
  return {
    way,
    from: isOfServer ? -1 - random.below(setup.processes) : random.below(setup.slots),
    to: random.chance(0.03) ? -1 : random.below(setup.slots),
  };
}
