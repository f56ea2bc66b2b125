import type { Call, Party, Run } from './facts.ts';
import type { FaultKind } from './faults.ts';
import type { Setup } from './plan.ts';

/**
 * What must always hold, as code. Names are those of `design.md` §7 and of the list I1 to I13;
 * each says under which faults it cannot be asked for, and why. All return what is wrong, or null.
 */
export const INVARIANTS = {
  I1: 'every request settles, by its deadline and one step of the wheel (§7.1)',
  I2: 'no answer reaches the wrong requester, or comes from who was not asked (§7.2)',
  I3: 'no table, timer or handler is left when nothing is under way (§7.5)',
  I4: 'delivered `no` means that no handler of the answering end ran, `yes` that one did (§7.3)',
  I5: 'a request runs at most once per owner (§7.3)',
  I6: 'handlers run in the order they were registered, and no two requests share a context',
  I7: 'handlers start in the order of sending: per sender, receiver, route and link (§7.4)',
  I8: 'no table is over its bound (§7.5)',
  I12: 'nothing runs after a close, and no timer, socket or link outlives it (§7.7)',
  I13: 'the same seed gives the same trace (§7.8)',
  ALIVE: 'nothing is thrown, and no rejection is unhandled, whatever comes in (§7.6)',
  OWNER: 'a chosen id has one owner when all is quiet: not two, and not none of those who came',
  LINK: 'no process gives up a link on which nothing has gone wrong',
  REACH: 'when all is well again, every node can be asked from everywhere',
  CANCEL: 'who serves a request is told when its asker gives up',
} as const;

export type InvariantId = keyof typeof INVARIANTS;

/** What was in play in a schedule, since not everything can be asked for under every fault. */
export interface Allowance {
  readonly setup: Setup;
  has(...kinds: readonly FaultKind[]): boolean;
}

const WHEEL_STEP_MS = 64;

/** Node's timers count whole milliseconds. */
const COARSE_MS = 1;

/** I1, of a request that has settled. Always holds: the clock that counts is the asker's own. */
export function settlesInTime(call: Call, idleMs: number): string | null {
  const tookMs = (call.settledMs ?? 0) - call.sentMs;
  const mostMs = call.op.timeoutMs + WHEEL_STEP_MS + COARSE_MS + idleMs;
  if (tookMs <= mostMs + 1e-6) return null;
  return `settled after ${tookMs.toFixed(1)} ms, later than ${mostMs.toFixed(1)} ms`;
}

/** I1, the other side: a `timeout` of our own never comes early. */
export function timesOutInTime(call: Call): string | null {
  const { outcome, op } = call;
  if (outcome?.message !== 'no answer before the deadline') return null;
  const tookMs = (call.settledMs ?? 0) - call.sentMs;
  return tookMs >= op.timeoutMs - 1e-6 ? null : `timed out after ${tookMs.toFixed(1)} ms already`;
}

/**
 * I2. Always holds: whoever forges here differs from who was asked in the process, the node or
 * the correlation id. (Nobody can tell a forger that has all three right.)
 */
export function answersAreTheirs(call: Call): string | null {
  const { outcome } = call;
  if (outcome === null) return null;
  if (outcome.message === 'forged') return 'got an error from who was not asked';
  if (!outcome.isOk) {
    if (outcome.subtype !== null || outcome.message === `thrown ${call.number}`) return null;
    return `got the error of another call: ${outcome.message}`;
  }
  const [number, by] = outcome.value as readonly unknown[];
  if (number !== call.number) return `got the answer of call ${number}`;
  const run = call.runs.find(({ party }) => party.number === by);
  if (run === undefined) return `was answered by ${by}, who did not run it`;
  return isAsked(call, run.party) ? null : `was answered by ${by}, who was not asked`;
}

function isAsked({ op, client, target }: Call, party: Party): boolean {
  switch (op.way) {
    case 'up':
      return party.kind === 'node' && party.client === client;
    case 'down':
      return party.kind === 'client' && party.client === client;
    case 'side':
      return party.kind === 'node' && party.ids.has(target ?? '');
    case 'through':
      return party.ids.has(target ?? '');
  }
}

/**
 * I4. Holds for all but requests that come again after they were refused, which no adapter may
 * let happen: by then the node may be where they come to. Of an id with two owners, for a moment
 * or while the swarm is parted, one may have no room for what the other runs.
 */
export function deliveredIsTrue(call: Call): string | null {
  const { outcome, runs } = call;
  if (outcome === null || outcome.isOk) return null;
  if (outcome.delivered === 'no' && runs.some(({ isAnswer }) => isAnswer)) {
    const isOfTwo = outcome.subtype === 'overloaded' && call.hearers.size > 1;
    if (call.isRepeated || isOfTwo) return null;
    return `failed as ${outcome.subtype}/no, and ran`;
  }
  if (outcome.delivered === 'yes' && runs.length === 0) {
    return `failed as ${outcome.subtype ?? 'endpoint'}/yes, and did not run`;
  }
  return null;
}

/**
 * I5, of a run that has just started. Sockets do not repeat, so that what came by one runs once
 * at all; in the swarm, once at each owner of the id. A client may be behind one owner after the
 * other, and what two of them hear, or comes again, reaches it by both; events that come again do
 * run again.
 */
export function runsOnce(call: Call, run: Run): string | null {
  const isBySocket = call.op.way === 'up' || call.op.way === 'down';
  const earlier = call.runs.find((other) => {
    if (other === run || other.isAnswer !== run.isAnswer) return false;
    return isBySocket || other.party === run.party;
  });
  if (earlier === undefined) return null;
  if (call.isRepeated && call.op.isEvent) return null;
  const isElsewhere = call.op.way === 'through' && run.isAnswer;
  if (isElsewhere && (call.isRepeated || call.hearers.size > 1)) return null;
  return `ran again at ${run.party.number}, first at ${earlier.party.number}`;
}

/**
 * I7, whether it can be asked for: not where messages overtake each other. A request that was
 * sent again has changed its way, and so has an event that was passed on; they are left out.
 */
export function keepsOrder(call: Call, run: Run, allowance: Allowance): boolean {
  if (call.op.way === 'up' || call.op.way === 'down') return true;
  if (call.routes.length > 1) return false;
  if (allowance.has('duplication', 'reordering', 'late')) return false;
  // Handlers between a node and its client may take their time.
  return !(call.op.way === 'through' && run.isAnswer && allowance.setup.intercepts);
}

/** I7, what order is kept among. */
export function orderKey(call: Call, { party }: Run): string {
  if (call.op.way === 'up') return `up ${party.number}`;
  if (call.op.way === 'down') return `down ${call.sender}`;
  return `${call.routes[0] ?? 'local'} ${call.sender} ${party.number}`;
}

/** CANCEL, of the asker. Always holds: giving up needs nobody else. */
export function isLetGo(call: Call, nowMs: number): string | null {
  if (call.cancelledMs === null || nowMs <= call.cancelledMs) return null;
  return 'was given up, and had to be waited for';
}

/**
 * CANCEL, of the server. Holds where nothing keeps frames from arriving in their order and in time,
 * and nobody involved goes away. Who gives up when it is time anyway is only noticed by the wheel.
 */
export function cancelArrives(call: Call, run: Run, allowance: Allowance): string | null {
  if (call.cancelledMs === null || call.op.deed !== 'hang' || !run.isAnswer) return null;
  if (call.outcome?.subtype !== 'cancelled' || !isSmooth(allowance)) return null;
  const { swarmLatency, socketLatency, servers, routeLatency } = allowance.setup;
  const swarmMs = 4 * swarmLatency.maxMs + (servers > 1 ? 2 * routeLatency.maxMs : 0);
  const mostMs = swarmMs + 2 * socketLatency.maxMs + 30;
  const deadlineMs = call.worldMs + call.op.timeoutMs;
  const isTimeAnyway = deadlineMs < Math.max(call.cancelledMs, run.startedMs) + mostMs;
  const lateMs = isTimeAnyway ? mostMs + WHEEL_STEP_MS : mostMs;
  const toldMs = Math.max(call.cancelledMs, run.startedMs) + lateMs;
  if (run.abortedMs !== null && run.abortedMs <= toldMs) return null;
  return `${run.party.number} was told ${run.abortedMs === null ? 'never' : 'late'} of the cancel`;
}

function isSmooth({ has }: Allowance): boolean {
  if (has('loss', 'duplication', 'reordering', 'spike', 'partition', 'one-way', 'split'))
    return false;
  if (has('blip', 'unlink', 'crash', 'stall', 'late', 'cut', 'move')) return false;
  return !has('vanish', 'shutdown', 'jump', 'clog', 'goodbye');
}

/**
 * OWNER, whether it can be asked for: ownership is best effort. Claims that were lost, or came
 * again when they were no longer true, may leave two owners, or none. Servers of a broker that were
 * split say when they are not any more, and all ids are claimed again; nobody says so of processes.
 */
export function hasOneOwner({ has, setup }: Allowance): boolean {
  if (has('split') && setup.servers === 1) return false;
  return !has('loss', 'duplication', 'reordering', 'late', 'partition', 'one-way');
}

/**
 * OWNER, the other side: of those that came with an id, one has it. Holds where all that want it
 * stay, and keep the connections and nodes they have: who comes back may be refused for the sake of
 * the node it had, of which nobody knows yet that it is nobody's. Forged nonsense ends connections.
 */
export function keepsOwner(allowance: Allowance): boolean {
  const { has } = allowance;
  if (has('blip', 'unlink', 'crash', 'stall', 'jump', 'refusal', 'shutdown')) return false;
  return hasOneOwner(allowance) && !has('cut', 'vanish', 'clog', 'goodbye', 'forged');
}
