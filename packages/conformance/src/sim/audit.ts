import type { Limits } from '@swarm/core';
import { Bounds } from './bounds.ts';
import type { End } from './end.ts';
import { type Call, type Outcome, outcomeOf, type Party, type Run } from './facts.ts';
import type { FaultKind } from './faults.ts';
import {
  type Allowance,
  answersAreTheirs,
  cancelArrives,
  deliveredIsTrue,
  type InvariantId,
  isLetGo,
  keepsOrder,
  orderKey,
  runsOnce,
  settlesInTime,
  timesOutInTime,
} from './invariants.ts';
import type { Op, Plan } from './plan.ts';
import type { Timeline } from './timeline.ts';
import { type Trace, WRONG } from './trace.ts';
import { callAt, eachFrame, kindAt } from './wire.ts';

export interface Violation {
  readonly invariant: InvariantId;
  readonly text: string;
  readonly atMs: number;
}

/** Of one schedule, no more are kept: the first is what matters. */
const VIOLATIONS_MAX = 8;

const [REQUEST, EVENT] = [0, 1];

/** What an asking end gives about a call. */
export type Asked = Pick<Call, 'op' | 'end' | 'client' | 'sender' | 'target'>;

/** Keeps account of what happens in a schedule, and sees at once what must not. */
export class Audit {
  readonly calls: Call[] = [];
  readonly violations: Violation[] = [];
  readonly trace: Trace;
  readonly #timeline: Timeline;
  readonly #allowance: Allowance;
  readonly #lastStarted: Map<string, number> = new Map();
  readonly #bounds: Bounds;
  /** Handlers that wait until nobody waits for them. */
  readonly #hanging: Set<Run> = new Set();
  /** Calls that are not settled, of ends that live. */
  #open: Set<Call> = new Set();

  constructor(plan: Plan, limits: Limits, timeline: Timeline, trace: Trace) {
    const kinds = new Set(plan.faults.map(({ kind }) => kind));
    const has = (...asked: readonly FaultKind[]) => asked.some((kind) => kinds.has(kind));
    this.#allowance = { setup: plan.setup, has };
    this.#bounds = new Bounds({ ...limits, ...plan.setup.limits });
    this.#timeline = timeline;
    this.trace = trace;
  }

  get allowance(): Allowance {
    return this.#allowance;
  }

  /** How many requests somebody still waits for. */
  get open(): number {
    return this.#open.size;
  }

  /** How many handlers wait for that, of ends that live. */
  get serving(): number {
    let count = 0;
    for (const { party } of this.#hanging) if (!party.end.isDead) count += 1;
    return count;
  }

  violate(invariant: InvariantId, text: string): void {
    this.trace.say(this.#timeline.nowMs, () => `${WRONG}${invariant}: ${text}`);
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ invariant, text, atMs: this.#timeline.nowMs });
  }

  asked(asked: Asked): Call {
    const { end, op, client, sender, target } = asked;
    const { nowMs } = this.#timeline;
    const [sentMs, idleMs] = [end.nowMs(), end.idleMs];
    const number = this.calls.length;
    const call: Call = {
      number,
      op,
      end,
      client,
      sender,
      target,
      sentMs,
      idleMs,
      worldMs: nowMs,
      runs: [],
      routes: [],
      hearers: new Set(),
      isRepeated: false,
      cancelledMs: null,
      settledMs: null,
      outcome: null,
    };
    this.calls.push(call);
    if (!op.isEvent) {
      this.#open.add(call);
      this.#bounds.asked(call);
    }
    this.trace.say(nowMs, () => `${end.name} ${describe(op)} as call ${call.number}${to(call)}`);
    return call;
  }

  cancelled(call: Call): void {
    call.cancelledMs = this.#timeline.nowMs;
    this.trace.say(this.#timeline.nowMs, () => `${call.end.name} gives up on call ${call.number}`);
  }

  /** Follow a request to its end. */
  follow(call: Call, promise: Promise<unknown>): void {
    promise.then(
      (value) =>
        this.#settled(call, { isOk: true, value, subtype: null, delivered: null, message: '' }),
      (error: unknown) => this.#settled(call, outcomeOf(error)),
    );
  }

  /** The handlers of a call start; null for a call that nobody made. */
  started(number: number, party: Party, isAnswer: boolean): { call: Call; run: Run } | null {
    const call = this.calls[number];
    if (call === undefined) return null;
    const { nowMs } = this.#timeline;
    const run: Run = { party, isAnswer, startedMs: nowMs, abortedMs: null, endedMs: null };
    call.runs.push(run);
    this.trace.mix(number * 64 + party.number);
    this.trace.say(nowMs, () => `${party.end.name} runs call ${number} as ${nameOf(party)}`);
    this.#check('I5', call, runsOnce(call, run));
    this.#check('I4', call, deliveredIsTrue(call));
    if (party.isOver) this.violate('I12', `call ${number} ran at ${nameOf(party)}, which is over`);
    this.#checkOrder(call, run);
    return { call, run };
  }

  /** Handlers begin to wait until nobody else does. */
  hangs({ op }: Call, run: Run): void {
    this.#hanging.add(run);
    const wrong = this.#bounds.served(op, run.party, 1);
    if (wrong !== null) this.violate('I8', `${nameOf(run.party)} ${wrong}`);
  }

  /** Nobody does. */
  aborted({ op }: Call, run: Run): void {
    run.abortedMs = this.#timeline.nowMs;
    this.#hanging.delete(run);
    this.#bounds.served(op, run.party, -1);
  }

  /** Something has happened, and all promises have moved. */
  step(): void {
    const wrong = this.#bounds.step();
    if (wrong !== null) this.violate('I8', wrong);
  }

  /** A message leaves by a link: now it is known which way the calls in it go. */
  published(link: number, subject: string, payload: Uint8Array): void {
    this.#eachCall(payload, (call) => call.routes.push(`${link} ${subject}`));
  }

  delivered(link: number, payload: Uint8Array): void {
    this.#eachCall(payload, (call) => call.hearers.add(link));
  }

  /** A message is going to arrive once more. */
  repeated(payload: Uint8Array): void {
    this.#eachCall(payload, (call) => {
      call.isRepeated = true;
    });
  }

  /** An end is gone, and what it has asked is nobody's. */
  died(end: End): void {
    for (const call of this.#open) if (call.end === end) this.#open.delete(call);
  }

  /** All is quiet: what is open now stays open. */
  finish(): void {
    for (const call of this.#open) this.violate('I1', `call ${call.number} never settled`);
    for (const call of this.calls) {
      for (const run of call.runs) {
        this.#check('CANCEL', call, cancelArrives(call, run, this.#allowance));
        if (!this.#hanging.has(run) || run.party.end.isDead) continue;
        this.violate('I3', `call ${call.number} is still served by ${nameOf(run.party)}`);
      }
    }
  }

  /** The call that a request or event belongs to. */
  callOf(payload: Uint8Array, start: number): Call | undefined {
    return this.calls[callAt(payload, start)];
  }

  #eachCall(payload: Uint8Array, visit: (call: Call) => void): void {
    eachFrame(payload, (start) => {
      const kind = kindAt(payload, start);
      if (kind !== REQUEST && kind !== EVENT) return;
      const call = this.callOf(payload, start);
      if (call !== undefined) visit(call);
    });
  }

  #settled(call: Call, outcome: Outcome): void {
    const { end, number } = call;
    if (end.isDead) return;
    this.#open.delete(call);
    this.#bounds.settled(call);
    call.outcome = outcome;
    call.settledMs = end.nowMs();
    this.trace.mix(number * 4 + (outcome.isOk ? 1 : 2));
    this.trace.say(this.#timeline.nowMs, () => `${end.name} has call ${number}: ${words(outcome)}`);
    this.#check('I1', call, settlesInTime(call, end.idleMs - call.idleMs));
    this.#check('I1', call, timesOutInTime(call));
    this.#check('CANCEL', call, isLetGo(call, this.#timeline.nowMs));
    this.#check('I2', call, answersAreTheirs(call));
    this.#check('I4', call, deliveredIsTrue(call));
  }

  #checkOrder(call: Call, run: Run): void {
    if (!keepsOrder(call, run, this.#allowance)) return;
    const key = orderKey(call, run);
    const last = this.#lastStarted.get(key) ?? -1;
    if (last > call.number) {
      this.violate('I7', `call ${call.number} started after call ${last}, both by ${key}`);
    }
    this.#lastStarted.set(key, call.number);
  }

  #check(invariant: InvariantId, call: Call, wrong: string | null): void {
    if (wrong !== null) this.violate(invariant, `call ${call.number} ${wrong}`);
  }
}

export function nameOf({ kind, number, client }: Party): string {
  return `${kind} ${number} of client ${client}`;
}

function words({ isOk, value, subtype, delivered, message }: Outcome): string {
  return isOk
    ? `answer ${JSON.stringify(value)}`
    : `${subtype ?? 'endpoint'}/${delivered} (${message})`;
}

function to({ target }: Call): string {
  return target === null ? '' : ` to ${target}`;
}

function describe({ way, isEvent, deed, padBytes }: Op): string {
  return `${isEvent ? 'tells' : 'asks'} ${way} (${deed}${padBytes > 0 ? `, ${padBytes} bytes` : ''})`;
}
