import { perform } from './asking.ts';
import type { ClientUnit } from './client-unit.ts';
import type { End } from './end.ts';
import type { Call } from './facts.ts';
import { hasOneOwner, keepsOwner } from './invariants.ts';
import type { Op } from './plan.ts';
import type { ProcessUnit } from './process-unit.ts';
import type { World } from './world.ts';

/** Time for everything to be well again after the last fault, in ms; broker calls have 15 s. */
const CALM_MS = 20_000;

/**
 * Attempts to reach a node: what was learned of one that went unnoticed is forgotten by failing.
 * Between them a link may be lost whose beats went missing before.
 */
const PROBES_MAX = 4;
const PROBE_PAUSE_MS = 1_000;

const AFTER_MS = 50;

/** Time for a server to close, in ms, also where the broker does not answer any more. */
const CLOSE_MS = 10_000;

/** Time for claims and objections to cross, in ms, also if a link claims again after a second. */
const CLAIMED_MS = 2_500;

/** Time for handlers to be told that nobody waits for them, in ms, also if nobody says so. */
const SERVED_MS = 2_000;

const PROBE: Op = {
  ...{ atMs: 0, way: 'side', from: -1, to: -1, isEvent: false, timeoutMs: 600 },
  ...{ cancelAfterMs: null, deed: 'now', deedMs: 0, interception: 'pass', padBytes: 0 },
};

/** The faults are over: everybody finds back into the swarm, and all requests settle. */
export function calmDown(world: World): void {
  const { timeline, conditions, audit } = world;
  world.until(timeline.nowMs + CALM_MS, () => conditions.isCalm);
  // What waited for the end of a fault comes now.
  world.until(timeline.nowMs + AFTER_MS);
  // Links that hang are found out by their beats, and calls of the broker that hang by a timeout.
  world.until(timeline.nowMs + CALM_MS, () => {
    return audit.open === 0 && isIdle(world) && isConnected(world);
  });
  if (!isConnected(world)) audit.violate('REACH', unconnected(world));
  if (!isIdle(world)) audit.violate('I3', `timers are left: ${timersLeft(world)}`);
  // Claims may still be on their way, and what repeats itself comes late.
  world.until(timeline.nowMs + CLAIMED_MS, () => hasOwners(world));
  world.until(timeline.nowMs + SERVED_MS, () => audit.serving === 0);
  audit.finish();
  checkNodes(world);
  if (hasOneOwner(audit.allowance)) for (const text of rivals(world)) audit.violate('OWNER', text);
  if (keepsOwner(audit.allowance)) for (const text of orphans(world)) audit.violate('OWNER', text);
}

/** Every node is asked from every process, and every client through its node. */
export function probeAll(world: World): void {
  const { audit, timeline } = world;
  let probes: (() => Call | null)[] = allProbes(world);
  for (let i = 0; i < PROBES_MAX && probes.length > 0; i += 1) {
    if (i > 0) world.until(timeline.nowMs + PROBE_PAUSE_MS);
    const made = probes.map((probe) => ({ probe, call: probe() }));
    world.settle();
    world.until(timeline.nowMs + 2_000, () => audit.open === 0);
    probes = made.filter(({ call }) => call?.outcome?.isOk !== true).map(({ probe }) => probe);
    if (i < PROBES_MAX - 1) continue;
    for (const { call } of made) {
      // A claim that came very late may have taken the id away meanwhile.
      if (call === null || call.outcome?.isOk === true || isGone(world, call)) continue;
      const { op, end, target, outcome } = call;
      const how = `${outcome?.subtype ?? 'open'}/${outcome?.delivered ?? ''}`;
      audit.violate('REACH', `${end.name} cannot ask ${op.way} ${target ?? op.from}: ${how}`);
    }
  }
}

/** Everything is closed, and nothing is left. */
export function closeAll(world: World): void {
  const { timeline, broker, clients, processes } = world;
  for (const client of clients) if (!client.isOver) client.close();
  checkTimers(
    world,
    clients.map(({ config }) => config.end),
  );
  for (const process of processes) process.close(() => {});
  world.settle();
  const isClosed = () => processes.every(({ closing }) => closing === 0);
  world.until(timeline.nowMs + CLOSE_MS, isClosed);
  if (!isClosed()) world.audit.violate('I12', 'a server does not get closed');
  world.until(timeline.nowMs + AFTER_MS);
  // A link that nobody waits for any more may still open, and has to be closed then.
  world.until(timeline.nowMs + CALM_MS, () => broker.dialing.size === 0);
  world.settle();
  checkTimers(
    world,
    processes.flatMap(({ retired }) => retired),
  );
  for (const { isHeld, end, number } of broker.links) {
    if (isHeld) world.audit.violate('I12', `${end.name} has link ${number} after its close`);
  }
}

function checkTimers({ audit }: World, ends: readonly End[]): void {
  for (const { timers, isDead, name } of ends) {
    if (timers > 0 && !isDead) audit.violate('I12', `${name} has timers after its close`);
  }
}

function isGone({ slots }: World, { op }: Call): boolean {
  return slots[op.to]?.node == null;
}

function isConnected({ processes, clients }: World): boolean {
  for (const { server, isWanted } of processes) {
    if (isWanted && server?.isLinked !== true) return false;
  }
  return clients.every((client) => client.isOver || (client.client.isOpen && client.node !== null));
}

function unconnected({ processes, clients }: World): string {
  const unlinked = processes.filter(({ server }) => server?.isLinked !== true);
  const down = clients.filter(({ isOver, client }) => !isOver && !client.isOpen);
  const names = [
    ...unlinked.map(({ end }) => end.name),
    ...down.map(({ config }) => config.end.name),
  ];
  return `not connected any more: ${names.join(' ')}`;
}

/** A process has a timer for the beat of its link, and a client for its pings; no others. */
function isIdle({ processes, clients }: World): boolean {
  for (const process of processes) if (isBusy(process)) return false;
  for (const client of clients) if (isClientBusy(client)) return false;
  return true;
}

function isBusy({ end, server }: ProcessUnit): boolean {
  return server !== null && end.timers > 1;
}

function isClientBusy({ config: { end }, isOver }: ClientUnit): boolean {
  return !end.isDead && end.timers > (isOver ? 0 : 1);
}

/** Nodes that are neither made nor refused, or kept although they are closed. */
function checkNodes({ processes, audit }: World): void {
  for (const { server, making, end } of processes) {
    if (server === null) continue;
    if (making > 0) audit.violate('I3', `${end.name} still makes ${making} nodes`);
    for (const { id, isOpen } of server.nodes.values()) {
      if (!isOpen) audit.violate('I3', `${end.name} keeps ${id}, which is closed`);
    }
  }
}

function timersLeft({ processes, clients }: World): string {
  const ends = [
    ...processes.filter(isBusy).map(({ end }) => end),
    ...clients.filter(isClientBusy).map(({ config }) => config.end),
  ];
  return ends.map(({ name, timers }) => `${name} (${timers})`).join(' ');
}

function hasOwners(world: World): boolean {
  for (let slot = 0; slot < world.plan.setup.chosen; slot += 1) {
    if (ownersOf(world, `u${slot}`) > 1) return false;
  }
  return true;
}

function ownersOf({ processes }: World, id: string): number {
  let owners = 0;
  for (const { server } of processes) if (server?.nodes.has(id) === true) owners += 1;
  return owners;
}

function rivals(world: World): string[] {
  const texts: string[] = [];
  for (let slot = 0; slot < world.plan.setup.chosen; slot += 1) {
    const id = `u${slot}`;
    if (ownersOf(world, id) < 2) continue;
    const owners = world.processes.filter(({ server }) => server?.nodes.has(id) === true);
    texts.push(`${id} is owned by ${owners.map(({ end }) => end.name).join(' and ')}`);
  }
  return texts;
}

function orphans(world: World): string[] {
  const ids = Array.from({ length: world.plan.setup.chosen }, (_, slot) => `u${slot}`);
  return ids.filter((id) => ownersOf(world, id) === 0).map((id) => `${id} is owned by nobody`);
}

function allProbes(world: World): (() => Call | null)[] {
  const { plan, processes, slots } = world;
  const probes: (() => Call | null)[] = [];
  for (let slot = 0; slot < plan.setup.slots; slot += 1) {
    const client = slots[slot];
    if (client === undefined || client.isOver || client.node === null) continue;
    for (const { index, end } of processes) {
      // Where the node lives, its client is asked, too.
      const way = client.node.end === end ? 'through' : 'side';
      probes.push(() => perform(world, { ...PROBE, way, from: -1 - index, to: slot }));
    }
  }
  return probes;
}
