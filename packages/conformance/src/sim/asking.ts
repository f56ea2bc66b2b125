import type { CallOptions, Server } from '@swarm/core';
import type { ClientUnit } from './client-unit.ts';
import type { Call, Party } from './facts.ts';
import type { Op } from './plan.ts';
import type { World } from './world.ts';

/** Anything that sends requests and events by name. */
interface Line {
  send(name: string, ...args: unknown[]): Promise<unknown>;
  emit(name: string, ...args: unknown[]): boolean;
}

/** Who asks, whom, and how. */
interface Asker {
  readonly party: Party | null;
  readonly client: number;
  /** For the order of what it sends. */
  readonly sender: number;
  readonly target: string | null;
  with(options: CallOptions): Line;
}

const LETTERS = { up: 'c', down: 'c', side: 's', through: 'r' } as const;

/** Make the request or event of a plan; null when whoever was to make it is not there, or asleep. */
export function perform(world: World, op: Op): Call | null {
  const asker = findAsker(world, op);
  if (asker === null) return null;
  const { audit, timeline } = world;
  const { client, sender, target } = asker;
  const end = asker.party?.end ?? world.processes[-1 - op.from]?.end;
  if (end === undefined || end.isDead || end.stalledUntilMs > timeline.nowMs) return null;
  const call = audit.asked({ op, end, client, sender, target });
  const name = `${op.deed === 'unhandled' ? 'x' : LETTERS[op.way]}.${call.number}`;
  const args = op.padBytes === 0 ? [call.number] : [call.number, 'x'.repeat(op.padBytes)];
  if (op.isEvent) {
    tell(asker.with({}), name, args);
    return call;
  }
  if (op.cancelAfterMs === null) {
    audit.follow(call, asker.with({ timeoutMs: op.timeoutMs }).send(name, ...args));
    return call;
  }
  const aborter = new AbortController();
  const options = { timeoutMs: op.timeoutMs, signal: aborter.signal };
  audit.follow(call, asker.with(options).send(name, ...args));
  timeline.at(timeline.nowMs + op.cancelAfterMs, end, () => {
    if (call.outcome !== null) return;
    audit.cancelled(call);
    aborter.abort();
  });
  return call;
}

/** An event that is too long is refused by an error. */
function tell(line: Line, name: string, args: readonly unknown[]): void {
  try {
    line.emit(name, ...args);
  } catch (error) {
    if ((error as { subtype?: unknown }).subtype !== 'too_large') throw error;
  }
}

function findAsker(world: World, op: Op): Asker | null {
  if (op.from < 0) {
    const server = world.processes[-1 - op.from]?.server ?? null;
    return server === null ? null : ofServer(world, op, server);
  }
  const client = world.slots[op.from];
  if (client === undefined) return null;
  return op.way === 'up' ? ofClient(client) : ofNode(world, op, client);
}

function ofServer(world: World, op: Op, server: Server): Asker | null {
  const target = targetOf(world, op);
  const calls = op.way === 'side' ? server : server.remoteClient;
  return {
    party: null,
    client: -1,
    sender: op.from,
    target,
    with: (o) => to(calls.with(o), target),
  };
}

function ofClient(unit: ClientUnit): Asker | null {
  if (unit.isOver) return null;
  const { party, client, config } = unit;
  return {
    ...{ party, client: config.number, sender: party.number, target: null },
    with: (options) => client.with(options),
  };
}

function ofNode(world: World, op: Op, unit: ClientUnit): Asker | null {
  const party = unit.node;
  const node = party?.node ?? null;
  if (party === null || node === null) return null;
  const common = { party, client: unit.config.number, sender: party.number };
  if (op.way === 'down') {
    return { ...common, target: null, with: (options) => node.client.with(options) };
  }
  const target = targetOf(world, op);
  const calls = op.way === 'side' ? node : node.remoteClient;
  return { ...common, target, with: (options) => to(calls.with(options), target) };
}

function to(
  calls: {
    send(id: string, name: string, ...args: unknown[]): Promise<unknown>;
    emit(id: string, name: string, ...args: unknown[]): boolean;
  },
  id: string,
): Line {
  return {
    send: (name, ...args) => calls.send(id, name, ...args),
    emit: (name, ...args) => calls.emit(id, name, ...args),
  };
}

function targetOf(world: World, op: Op): string {
  return world.slots[op.to]?.knownId ?? 'nobody';
}
