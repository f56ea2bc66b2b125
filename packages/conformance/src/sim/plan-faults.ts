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
  partition: [20, 3_000],
  'one-way': [20, 3_000],
  split: [20, 1_000],
  pressure: [10, 400],
  blip: [0, 800],
  unlink: [0, 0],
  crash: [20, 800],
  stall: [20, 800],
  jump: [10, 4_000],
  slow: [100, 800],
  forged: [100, 800],
  late: [100, 800],
  flood: [0, 0],
  cut: [0, 600],
  move: [0, 0],
  vanish: [0, 600],
  clog: [50, 900],
  goodbye: [0, 0],
  refusal: [20, 400],
  shutdown: [20, 800],
};

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
  ...{ partition: 2, late: 1.5, duplication: 1.3, reordering: 1.3 },
};

const FAULTS_MIN = 2;

/** Which faults a schedule has is up to its seed: some have few, so that all else must hold. */
export function planFaults(random: Random, setup: Setup): Fault[] {
  const share = random.pick([0.05, 0.12, 0.25, 0.5]);
  const faults: Fault[] = [];
  for (const kind of FAULTS) {
    if (!random.chance(share * (WEIGHTS[kind] ?? 1))) continue;
    const times = 1 + random.below(TIMES[kind] ?? 1);
    for (let i = 0; i < times; i += 1) faults.push(planFault(random, setup, kind));
    if (kind === 'move') cross(random, faults);
  }
  while (faults.length < FAULTS_MIN) faults.push(planFault(random, setup, random.pick(FAULTS)));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** Sometimes an id is taken by two at once. */
function cross(random: Random, faults: Fault[]): void {
  const last = faults.at(-1);
  if (last === undefined || random.chance(0.7)) return;
  faults.push({ ...last, other: last.process, atMs: last.atMs + random.between(0, 10) });
}

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

function planFault(random: Random, { processes, slots, chosen }: Setup, kind: FaultKind): Fault {
  const [low, high] = LASTS[kind];
  const process = random.below(processes);
  const isPicky = BY_MESSAGE.has(kind) && kind !== 'forged' && random.chance(0.6);
  return {
    kind,
    // Frames that are rare are hit for as long as it takes.
    atMs: isPicky ? 0 : random.between(0, ACTIVE_MS),
    forMs: isPicky ? ACTIVE_MS : random.between(low, high),
    process: EVERYWHERE.has(kind) ? -1 : process,
    other: (process + 1 + random.below(processes - 1)) % processes,
    slot: random.below(kind === 'move' ? chosen : slots),
    rate: random.pick(isPicky ? [0.4, 0.8, 1] : [0.05, 0.3, 0.7]),
    only: isPicky ? SWARM_KINDS.indexOf(random.pick(RARE)) : null,
  };
}
