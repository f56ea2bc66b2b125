import type { Limits } from '@swarm/core';
import type { End } from './end.ts';
import type { Call, Party } from './facts.ts';
import type { Op } from './plan.ts';

/** Whose table a request is in: one of a process, or of a conversation. */
type Owner = End | number;

/** I8: how much is in the tables that can be seen from outside, and whether that is too much. */
export class Bounds {
  readonly #limits: Limits;
  readonly #open: Map<Owner, number> = new Map();
  readonly #served: Map<Owner, number> = new Map();
  /** Calls made since the last step: those that are refused have settled by the next one. */
  #fresh: Call[] = [];

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  asked(call: Call): void {
    add(this.#open, ownerOfOpen(call), 1);
    this.#fresh.push(call);
  }

  settled(call: Call): void {
    add(this.#open, ownerOfOpen(call), -1);
  }

  /** Handlers that wait for somebody to give up have started, or have ended. */
  served(op: Op, party: Party, by: 1 | -1): string | null {
    const { openRequestsMax, routedRequestsMax } = this.#limits;
    const isOfProcess = op.way === 'side';
    const max = isOfProcess ? routedRequestsMax : openRequestsMax;
    const count = add(this.#served, isOfProcess ? party.end : party.number, by);
    return by === -1 || count <= max ? null : `serves ${count} requests at once, over ${max}`;
  }

  /** What is wrong after all promises have moved, or null. */
  step(): string | null {
    if (this.#fresh.length === 0) return null;
    const calls = this.#fresh;
    this.#fresh = [];
    for (const call of calls) {
      const [count, max] = [this.#open.get(ownerOfOpen(call)) ?? 0, this.#maxOf(call.op)];
      if (count > max) return `${call.end.name} has ${count} requests open, over ${max}`;
    }
    return null;
  }

  #maxOf({ way }: Op): number {
    const { openRequestsMax, routedRequestsMax } = this.#limits;
    return way === 'up' || way === 'down' ? openRequestsMax : routedRequestsMax;
  }
}

function ownerOfOpen({ op, end, sender }: Call): Owner {
  return op.way === 'up' || op.way === 'down' ? sender : end;
}

function add(counts: Map<Owner, number>, owner: Owner, by: number): number {
  const count = (counts.get(owner) ?? 0) + by;
  counts.set(owner, count);
  return count;
}
