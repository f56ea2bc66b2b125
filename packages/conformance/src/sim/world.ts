import { Audit } from './audit.ts';
import { Broker } from './broker.ts';
import { type ClientPlace, ClientUnit } from './client-unit.ts';
import { Conditions } from './conditions.ts';
import type { Core } from './core.ts';
import type { Coverage } from './coverage.ts';
import { drainMicrotasks } from './drain.ts';
import { End } from './end.ts';
import { Forger } from './forger.ts';
import type { Plan } from './plan.ts';
import { ProcessUnit } from './process-unit.ts';
import { Random } from './random.ts';
import { Serving } from './serving.ts';
import { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';
import { Watcher } from './watcher.ts';

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
  readonly #place: ClientPlace;
  #parties = 0;
  #ends = 0;

  constructor(underTest: Core, plan: Plan, coverage: Coverage, isTraceKept: boolean) {
    const { seed, setup } = plan;
    this.core = underTest;
    this.plan = plan;
    this.random = new Random(seed ^ 0x5eed);
    this.timeline = new Timeline((error) => this.#threw(error));
    this.trace = new Trace(isTraceKept);
    this.audit = new Audit(plan, underTest.LIMITS, this.timeline, this.trace);
    this.conditions = new Conditions(coverage);
    this.broker = this.#newBroker();
    const { core, trace, timeline, conditions, audit, broker } = this;
    const serving = new Serving(this);
    const newEnd = (index: number) => this.#newEnd(`p${index}`);
    const place = { core, setup, broker, serving, trace, timeline, newEnd };
    this.processes = Array.from({ length: setup.processes }, (_, i) => new ProcessUnit(i, place));
    const { processes } = this;
    const nextParty = () => {
      this.#parties += 1;
      return this.#parties;
    };
    this.#place = { core, setup, serving, processes, timeline, conditions, audit, nextParty };
  }

  /** A client comes, to a process it prefers; of a slot that has one already, with the same id. */
  join(slot: number, home: number): ClientUnit {
    const number = this.clients.length;
    const id = slot < this.plan.setup.chosen ? `u${slot}` : null;
    const random = this.random.fork(1_000 + number);
    const config = { number, slot, id, home, end: this.#newEnd(`c${number}`), random };
    const client = new ClientUnit(config, this.#place);
    this.clients.push(client);
    this.slots[slot] = client;
    this.trace.say(this.timeline.nowMs, () => `client ${number} comes, as ${id} at p${home}`);
    return client;
  }

  /** Let time pass, up to a moment or until it is `done`; false if it never was. */
  until(endMs: number, done: () => boolean = () => false): boolean {
    while (!done()) {
      if (!this.timeline.step(endMs)) return false;
      this.settle();
    }
    return true;
  }

  /** Let all promises move. */
  settle(): void {
    drainMicrotasks();
    this.audit.step();
  }

  #newEnd(name: string): End {
    this.#ends += 1;
    const { seed, setup } = this.plan;
    const random = new Random(seed).fork(10_000 + this.#ends);
    return new End(name, this.timeline, random, setup.isCoarse);
  }

  #newBroker(): Broker {
    const { core, plan, audit, timeline, conditions, trace } = this;
    const { servers, routeLatency, verdicts, hasControlLane, limits } = plan.setup;
    const latency = plan.setup.swarmLatency;
    const frameBytesMax = limits.swarmFrameBytesMax ?? core.LIMITS.swarmFrameBytesMax;
    const closedError = () => {
      return new core.SwarmError('the link is over', { subtype: 'closed', delivered: 'no' });
    };
    const forger = new Forger({
      conditions,
      random: this.random.fork(8),
      latency,
      callOf: (payload, start) => audit.callOf(payload, start),
      inject: (subject, payload, delayMs, isDue) => {
        this.broker.inject(subject, payload, delayMs, isDue);
      },
    });
    const network = { servers, latency, routeLatency, hasControlLane };
    const config = { ...network, verdicts, frameBytesMax, closedError };
    const watcher = new Watcher({ audit, conditions, timeline, trace, forger });
    return new Broker(timeline, this.random.fork(7), conditions, config, watcher);
  }

  #threw(error: unknown): void {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.audit.violate('ALIVE', `thrown: ${words}`);
  }
}
