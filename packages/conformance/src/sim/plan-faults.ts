import { BY_MESSAGE, FAULTS, type Fault, type FaultKind } from './faults.ts';
import { ACTIVE_MS, type Setup } from './plan.ts';
import type { Random } from './random.ts';
import { SWARM_KINDS } from './wire.ts';

/** How long each fault lasts, in ms: from, and up to. */
const LASTS: { readonly [Kind in FaultKind]: readonly [number, number] } = {
  loss: [50, 600],
  duplication: [100, 800],
  reordering: [100, 800],
  spike: [50, 400],
  partition: [20, 4_000],
  'one-way': [20, 4_000],
  split: [20, 1_000],
  pressure: [10, 400],
  blip: [0, 800],
  unlink: [0, 0],
  crash: [20, 800],
  stall: [20, 800],
  jump: [10, 1_300],
  slow: [100, 800],
  forged: [100, 800],
  late: [100, 800],
  flood: [0, 0],
  cut: [0, 600],
  move: [0, 0],
  vanish: [0, 600],
  clog: [50, 2_500],
  goodbye: [0, 0],
  refusal: [20, 400],
  shutdown: [20, 800],
};

/**
 * A process that slept about as long as it waits for its broker cannot tell who was late; one that
 * slept longer than that can. It waits 3 s for a link, and 15 s for a subscription.
 */
const LONG_JUMPS_MS = [3_600, 16_000] as const;

/** Faults that may happen several times in one schedule. */
const TIMES: { readonly [Kind in FaultKind]?: number } = {
  flood: 2,
  cut: 3,
  move: 5,
  unlink: 2,
  crash: 3,
  shutdown: 3,
};

/** Faults that are more likely than others, because so much is about them. */
const WEIGHTS: { readonly [Kind in FaultKind]?: number } = {
  ...{ move: 3, crash: 2, shutdown: 1.5 },
  ...{ partition: 2.7, loss: 1.3, late: 1.7, duplication: 1.6, reordering: 1.6 },
};

/** A split of the servers of a broker: how likely and how frequent it is, and how long it lasts. */
const PARTED_WEIGHT = 3;
const PARTED_TIMES = 2;
const PARTED_MS = [20, 3_000] as const;

const FAULTS_MIN = 2;

/** Faults that keep nothing from arriving: with these alone, all that can be asked for is. */
const MILD: readonly FaultKind[] = ['slow', 'forged', 'flood', 'pressure', 'refusal'];

/** So many schedules have no others. */
const MILD_SHARE = 0.12;

/** Faults that lose no claim for good: with these alone, every id must be left with one owner. */
const SURE: readonly FaultKind[] = FAULTS.filter((kind) => {
  return (!BY_MESSAGE.has(kind) || kind === 'forged') && kind !== 'partition' && kind !== 'one-way';
});

/** Of brokers with several servers, so many have no others. */
const SURE_SHARE = 0.5;

/** Which faults a schedule has is up to its seed: some have few, so that all else must hold. */
export function planFaults(random: Random, setup: Setup): Fault[] {
  const share = random.pick([0.05, 0.12, 0.25, 0.5]);
  const faults: Fault[] = [];
  const isMild = random.chance(MILD_SHARE);
  const isSure = setup.servers > 1 && random.chance(SURE_SHARE);
  const kinds = isMild ? MILD : isSure ? SURE : FAULTS;
  for (const kind of kinds) {
    const [weight, timesMax] = frequencyOf(kind, setup);
    if (!random.chance(share * weight)) continue;
    const times = 1 + random.below(timesMax);
    for (let i = 0; i < times; i += 1) faults.push(planFault(random, setup, kind));
    COMPANY[kind]?.(random, setup, faults);
  }
  if (!isMild) faults.push(...crossUnknown(random, setup));
  while (faults.length < FAULTS_MIN) faults.push(planFault(random, setup, random.pick(kinds)));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** How likely it is, and how often it happens at most. */
function frequencyOf(kind: FaultKind, { servers }: Setup): readonly [number, number] {
  if (kind === 'split' && servers > 1) return [PARTED_WEIGHT, PARTED_TIMES];
  return [WEIGHTS[kind] ?? 1, TIMES[kind] ?? 1];
}

type Company = (random: Random, setup: Setup, faults: Fault[]) => void;

/** What else happens around the last fault. */
const COMPANY: { readonly [Kind in FaultKind]?: Company } = {
  move: (random, setup, faults) => {
    cross(random, faults);
    accompany(random, setup, faults);
  },
  split: straddle,
  jump: interrupt,
  shutdown: interrupt,
};

/** Sometimes an id is taken by two at once. */
function cross(random: Random, faults: Fault[]): void {
  const last = faults.at(-1);
  if (last === undefined || random.chance(0.7)) return;
  faults.push({ ...last, other: last.process, atMs: last.atMs + random.between(0, 10) });
}

/**
 * Where servers know in time who hears what, an id is often taken by two whose servers do not know
 * of each other; after the links have claimed all ids again, since that would make it good. A third,
 * who had it and is heard by both, is often gone by then.
 */
function crossUnknown(random: Random, setup: Setup): Fault[] {
  if (setup.servers === 1 || random.chance(0.4)) return [];
  const { processes, routeLatency } = setup;
  const move = planFault(random, setup, 'move');
  const { slot } = move;
  const atMs = random.between(ACTIVE_MS - 200, ACTIVE_MS);
  const crossingMs = random.between(0, routeLatency.maxMs / 4);
  const leaving = { ...planFault(random, setup, 'goodbye'), slot, atMs: atMs - 150, rate: 0 };
  return [
    ...(random.chance(0.3) ? [] : [leaving]),
    { ...move, other: (slot + 1) % processes, atMs },
    { ...move, other: (slot + 2) % processes, atMs: atMs + crossingMs },
  ];
}

/** Where servers are parted, an id is often taken by somebody whom its owner does not hear. */
function straddle(random: Random, setup: Setup, faults: Fault[]): void {
  const last = faults.at(-1);
  if (last === undefined || setup.servers === 1 || random.chance(0.2)) return;
  const atMs = random.between(last.atMs, Math.min(ACTIVE_MS, last.atMs + last.forMs));
  faults.push({ ...planFault(random, setup, 'move'), atMs });
}

/** Sometimes somebody forges answers just then. */
function accompany(random: Random, setup: Setup, faults: Fault[]): void {
  const last = faults.at(-1);
  // Where nobody tells whether a process is there, it takes time to find out: time for forgers.
  const share = setup.verdicts === 'none' ? 0.8 : 0.3;
  if (last === undefined || !random.chance(share)) return;
  const forged = planFault(random, setup, 'forged');
  faults.push({ ...forged, atMs: last.atMs, forMs: 600, rate: 0.7 });
}

/** Sometimes a process falls asleep, or is closed, while a client with an id just comes to it. */
function interrupt(random: Random, setup: Setup, faults: Fault[]): void {
  const last = faults.at(-1);
  if (last === undefined || random.chance(0.5)) return;
  const { socketLatency, swarmLatency } = setup;
  const knownMs = 2 * swarmLatency.maxMs + (last.kind === 'shutdown' ? OPENING_MS : 0);
  const atMs = last.atMs - socketLatency.maxMs - random.between(0, knownMs);
  faults.push({ ...planFault(random, setup, 'move'), other: last.process, atMs });
}

/** A client that did not name its dialect waits so long for the first word, in ms. */
const OPENING_MS = 20;

/** Frames that few schedules have, and that faults would seldom hit by chance. */
const RARE = [
  'not-here',
  'not-here',
  'not-here',
  'taken',
  'claim',
  'cancel',
  'cancel',
  'here',
  'error',
] as const;

/** Those that only some brokers give rise to. */
const RARE_WITHOUT_VERDICTS = [...RARE, 'who-has', 'who-has', 'who-has'] as const;

/** Faults of the network as a whole, and those of one process. */
const EVERYWHERE: ReadonlySet<FaultKind> = new Set([
  'loss',
  'duplication',
  'reordering',
  'spike',
  'pressure',
  'blip',
  'slow',
  'forged',
  'late',
  'refusal',
]);

function planFault(random: Random, setup: Setup, kind: FaultKind): Fault {
  const { processes, slots, chosen, verdicts } = setup;
  const rare = verdicts === 'none' ? RARE_WITHOUT_VERDICTS : RARE;
  const [low, high] = kind === 'split' && setup.servers > 1 ? PARTED_MS : LASTS[kind];
  const isLong = kind === 'jump' && random.chance(0.5);
  const lasts = isLong ? random.pick(LONG_JUMPS_MS) : random.between(low, high);
  const process = random.below(processes);
  const isPicky = BY_MESSAGE.has(kind) && kind !== 'forged' && random.chance(0.6);
  return {
    kind,
    // Frames that are rare are hit for as long as it takes.
    atMs: isPicky ? 0 : random.between(0, ACTIVE_MS),
    forMs: isPicky ? ACTIVE_MS : lasts,
    process: EVERYWHERE.has(kind) ? -1 : process,
    other: (process + 1 + random.below(processes - 1)) % processes,
    slot: random.below(kind === 'move' ? chosen : slots),
    rate: random.pick(isPicky ? [0.4, 0.8, 1] : [0.05, 0.3, 0.7]),
    only: isPicky ? SWARM_KINDS.indexOf(random.pick(rare)) : null,
  };
}
