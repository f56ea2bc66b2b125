import { Audit } from './audit.ts';
import { Broker } from './broker.ts';
import { ClientUnit } from './client-unit.ts';
import { Conditions } from './conditions.ts';
import type { Core } from './core.ts';
import type { Coverage } from './coverage.ts';
import { End } from './end.ts';
import { Forger } from './forger.ts';
import type { ModelLink } from './link.ts';
import type { Plan } from './plan.ts';
import { ProcessUnit } from './process-unit.ts';
import { Random } from './random.ts';
import { Serving } from './serving.ts';
import { describeMessage } from './telling.ts';
import { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';

/** Everything of one schedule: a broker, processes and clients, in one virtual time. */
export class World {
  readonly core: Core;
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly audit: Audit;
  readonly conditions: Conditions;
  readonly broker: Broker;
  readonly processes: readonly ProcessUnit[];
  /** All clients there ever were. */
  readonly clients: ClientUnit[] = [];
  /** The present client of each slot. */
  readonly slots: ClientUnit[] = [];
  readonly random: Random;
  readonly #serving: Serving;
  #parties = 0;
  #ends = 0;

  constructor(core: Core, plan: Plan, coverage: Coverage, isTraceKept: boolean) {
    const { seed, setup } = plan;
    this.core = core;
    this.plan = plan;
    this.random = new Random(seed ^ 0x5eed);
    this.timeline = new Timeline((error) => this.#threw(error));
    this.trace = new Trace(isTraceKept);
    this.audit = new Audit(plan, this.timeline, this.trace);
    this.conditions = new Conditions(coverage);
    this.broker = this.#newBroker();
    this.#serving = new Serving(this);
    const place = {
      ...{ core, setup, broker: this.broker, serving: this.#serving },
      ...{ trace: this.trace, timeline: this.timeline },
      newEnd: (index: number) => this.#newEnd(`p${index}`),
    };
    this.processes = Array.from({ length: setup.processes }, (_, i) => new ProcessUnit(i, place));
  }

  /** A client comes, to a process it prefers; of a slot that has one already, with the same id. */
  join(slot: number, home: number): ClientUnit {
    const { core, plan, processes } = this;
    const number = this.clients.length;
    const config = {
      ...{ number, slot, home },
      id: slot < plan.setup.chosen ? `u${slot}` : null,
      end: this.#newEnd(`c${number}`),
      random: this.random.fork(1_000 + number),
    };
    const place = {
      ...{ core, setup: plan.setup, serving: this.#serving, processes },
      ...{ timeline: this.timeline, conditions: this.conditions, audit: this.audit },
      nextParty: () => {
        this.#parties += 1;
        return this.#parties;
      },
    };
    const client = new ClientUnit(config, place);
    this.clients.push(client);
    this.slots[slot] = client;
    this.trace.say(
      this.timeline.nowMs,
      () => `client ${number} comes, as ${config.id} at p${home}`,
    );
    return client;
  }

  /** Let time pass, up to a moment or until it is `done`; yields whenever promises are to move. */
  *until(endMs: number, done: () => boolean = () => false): Generator<void, boolean, void> {
    while (!done()) {
      if (!this.timeline.step(endMs)) return false;
      yield;
    }
    return true;
  }

  #newEnd(name: string): End {
    this.#ends += 1;
    const { seed, setup } = this.plan;
    const random = new Random(seed).fork(10_000 + this.#ends);
    return new End(name, this.timeline, random, setup.isCoarse);
  }

  #newBroker(): Broker {
    const { core, plan, audit, timeline, conditions } = this;
    const { verdicts, hasControlLane, swarmLatency, limits } = plan.setup;
    const config = {
      ...{ verdicts, hasControlLane, latency: swarmLatency },
      frameBytesMax: limits.swarmFrameBytesMax ?? core.LIMITS.swarmFrameBytesMax,
      closedError: () => {
        return new core.SwarmError('the link is over', { subtype: 'closed', delivered: 'no' });
      },
    };
    const forger = new Forger({
      ...{ conditions, random: this.random.fork(8) },
      callOf: (payload, start) => audit.callOf(payload, start),
      inject: (...forged) => this.broker.inject(...forged),
    });
    return new Broker(timeline, this.random.fork(7), conditions, config, {
      dialed: (end, inbox) => {
        const process = inbox.slice(inbox.lastIndexOf('.') + 1);
        this.trace.name(process, end.name);
        forger.meet(process);
      },
      published: (link, subject, payload) => {
        audit.published(link.number, subject, payload);
        forger.see(subject, payload);
        conditions.swarmMessage(payload, link.process);
        this.#say(link, `-> ${subject}`, payload);
      },
      repeated: (payload) => audit.repeated(payload),
      sent: (link, payload) => conditions.swarmMessage(payload, link.process),
      delivered: (link, payload) => {
        audit.delivered(link.number, payload);
        this.trace.mix(payload.length * 8 + link.process);
        this.#say(link, '<-', payload);
      },
    });
  }

  #say(link: ModelLink, how: string, payload: Uint8Array): void {
    if (!this.trace.isKept) return;
    const { nowMs } = this.timeline;
    const words = describeMessage(payload);
    this.trace.say(nowMs, () => `  ${link.end.name}/${link.number} ${how} ${words}`);
  }

  #threw(error: unknown): void {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.audit.violate('ALIVE', `thrown: ${words}`);
  }
}
