import type { CallOptions, Server } from '@swarm/core';
import type { ClientUnit } from './client-unit.ts';
import type { Call, Party } from './facts.ts';
import type { Op } from './plan.ts';
import type { World } from './world.ts';

/** Anything that sends requests and events: by name, or to an id and by name. */
interface Line {
  send(first: string, ...rest: unknown[]): Promise<unknown>;
  emit(first: string, ...rest: unknown[]): boolean;
}

/** Who asks, whom, and how. */
interface Asker {
  readonly party: Party | null;
  readonly client: number;
  /** For the order of what it sends. */
  readonly sender: number;
  /** The id that is asked; null for whoever is at the other end. */
  readonly target: string | null;
  readonly calls: { with(options: CallOptions): Line };
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
  const said = op.padBytes === 0 ? [call.number] : [call.number, 'x'.repeat(op.padBytes)];
  const [first, rest] = target === null ? [name, said] : [target, [name, ...said]];
  if (op.isEvent) {
    tell(asker.calls.with({}), first, rest);
    return call;
  }
  if (op.cancelAfterMs === null) {
    const line = asker.calls.with({ timeoutMs: op.timeoutMs });
    audit.follow(call, line.send(first, ...rest));
    return call;
  }
  const aborter = new AbortController();
  const line = asker.calls.with({ timeoutMs: op.timeoutMs, signal: aborter.signal });
  audit.follow(call, line.send(first, ...rest));
  timeline.at(timeline.nowMs + op.cancelAfterMs, end, () => {
    if (call.outcome !== null) return;
    audit.cancelled(call);
    aborter.abort();
  });
  return call;
}

/** An event that is too long is refused by an error. */
function tell(line: Line, first: string, rest: readonly unknown[]): void {
  try {
    line.emit(first, ...rest);
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

function ofServer(world: World, op: Op, server: Server): Asker {
  const calls = op.way === 'side' ? server : server.remoteClient;
  return { party: null, client: -1, sender: op.from, target: targetOf(world, op), calls };
}

function ofClient({ isOver, party, client, config }: ClientUnit): Asker | null {
  if (isOver) return null;
  return { party, client: config.number, sender: party.number, target: null, calls: client };
}

function ofNode(world: World, op: Op, { node: party, config }: ClientUnit): Asker | null {
  const node = party?.node ?? null;
  if (party === null || node === null) return null;
  const target = op.way === 'down' ? null : targetOf(world, op);
  const calls = op.way === 'down' ? node.client : op.way === 'side' ? node : node.remoteClient;
  return { party, client: config.number, sender: party.number, target, calls };
}

function targetOf(world: World, op: Op): string {
  return world.slots[op.to]?.knownId ?? 'nobody';
}
