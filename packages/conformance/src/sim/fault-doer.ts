import { perform } from './asking.ts';
import type { ClientUnit } from './client-unit.ts';
import { Conditions } from './conditions.ts';
import type { Fault, FaultKind } from './faults.ts';
import type { Op } from './plan.ts';
import type { ProcessUnit } from './process-unit.ts';
import type { World } from './world.ts';

/** Calls of a flood. */
const FLOOD = 24;

/** Makes faults happen to a world. */
export class FaultDoer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  begin(planned: Fault): void {
    const { conditions, timeline, trace } = this.#world;
    const fault = this.#located(planned);
    const { kind, forMs, process } = fault;
    trace.say(timeline.nowMs, () => {
      return `** ${kind} at ${process < 0 ? 'all' : `p${process}`} for ${forMs.toFixed(0)} ms`;
    });
    conditions.begin(fault);
    const endMs = timeline.nowMs + forMs;
    timeline.at(endMs, null, () => conditions.end(fault));
    timeline.at(endMs + Conditions.aftermathMs, null, () => conditions.forget(fault));
    DEEDS[kind]?.(this.#world, fault);
  }

  /** Faults of a client happen where it is at the time. */
  #located(fault: Fault): Fault {
    const process = this.#world.slots[fault.slot]?.process;
    return OF_CLIENT.has(fault.kind) && process !== undefined ? { ...fault, process } : fault;
  }
}

const OF_CLIENT: ReadonlySet<FaultKind> = new Set(['cut', 'vanish', 'move', 'clog', 'goodbye']);

type Deed = (world: World, fault: Fault) => void;

/** What happens besides the conditions, which see to all faults that messages meet. */
const DEEDS: { readonly [Kind in FaultKind]?: Deed } = {
  pressure: ({ broker, timeline }, { forMs }) => {
    broker.press(true);
    timeline.at(timeline.nowMs + forMs, null, () => broker.press(false));
  },
  blip: ({ broker }, { forMs }) => broker.away(forMs),
  split: partServers,
  unlink: ({ broker }, { process }) => broker.unlink(process),
  crash: (world, { process, forMs }) => crash(world, unitOf(world, process), forMs),
  shutdown: (world, { process, forMs }) => shutdown(world, unitOf(world, process), forMs),
  stall: (world, { process, forMs }) => unitOf(world, process).end.stall(forMs),
  jump: (world, { process, forMs }) => unitOf(world, process).end.jump(forMs),
  forged: forgeBySocket,
  flood,
  cut: (world, { slot, forMs }) => clientOf(world, slot)?.cut(world.random, forMs),
  vanish: (world, { slot, forMs }) => {
    const client = clientOf(world, slot);
    client?.kill(world.random, forMs);
    if (client !== undefined) world.audit.died(client.config.end);
  },
  clog: (world, { slot, forMs }) => clientOf(world, slot)?.clog(forMs),
  goodbye: (world, { slot, rate }) => {
    const client = clientOf(world, slot);
    if (client === undefined || client.isOver) return;
    if (rate < 0.2) client.close();
    else client.node?.node?.close(rate < 0.5 ? 1000 : 4000, 'goodbye');
  },
  move: (world, { slot, other, process }) => {
    const { chosen, processes } = world.plan.setup;
    if (slot >= chosen) return;
    world.join(slot, other === process ? (other + 1) % processes : other);
  },
};

/** Where the broker has several servers, it is those that are split: two, or one from all others. */
function partServers({ broker, plan, timeline, trace }: World, fault: Fault): void {
  const { servers } = plan.setup;
  if (servers === 1) return;
  const server = fault.process % servers;
  const other = fault.rate < 0.5 ? (server + 1) % servers : null;
  trace.say(timeline.nowMs, () => `server ${server} has lost ${other ?? 'all others'}`);
  const reunite = broker.part(server, other);
  timeline.at(timeline.nowMs + fault.forMs, null, reunite);
}

function crash(world: World, unit: ProcessUnit, forMs: number): void {
  if (!unit.isWanted) return;
  const { end, index } = unit;
  unit.crash();
  world.audit.died(end);
  for (const client of world.clients) {
    if (client.process === index && !client.isOver) client.cut(world.random, forMs);
  }
  restart(world, unit, forMs);
}

function shutdown(world: World, unit: ProcessUnit, forMs: number): void {
  const { end } = unit;
  const isClosing = unit.close(() => {
    if (end.timers > 0) world.audit.violate('I12', `${end.name} has timers after its close`);
  });
  if (isClosing) restart(world, unit, forMs);
}

function restart(world: World, unit: ProcessUnit, forMs: number): void {
  const { timeline } = world;
  timeline.at(timeline.nowMs + forMs, null, () => unit.start());
}

const FORGED_MESSAGES = 8;

/** The other ends of some sockets are not who they seem to be. */
function forgeBySocket({ timeline, random, clients }: World, { forMs }: Fault): void {
  for (let i = 0; i < FORGED_MESSAGES; i += 1) {
    const client = random.pick(clients);
    timeline.at(timeline.nowMs + random.between(0, forMs), null, () => client.forge(random));
  }
}

/** One party asks more than all others together, all at once. */
function flood(world: World, { slot, rate }: Fault): void {
  const op: Op = {
    atMs: 0,
    way: rate < 0.2 ? 'up' : rate < 0.5 ? 'down' : 'side',
    from: slot,
    to: (slot + 1) % world.plan.setup.slots,
    isEvent: false,
    timeoutMs: 300,
    cancelAfterMs: null,
    deed: slot % 2 === 0 ? 'later' : 'hang',
    deedMs: 10,
    interception: 'pass',
    padBytes: 0,
  };
  for (let i = 0; i < FLOOD; i += 1) perform(world, op);
}

function unitOf(world: World, process: number): ProcessUnit {
  return world.processes[process] as ProcessUnit;
}

function clientOf(world: World, slot: number): ClientUnit | undefined {
  return world.slots[slot];
}
