import type { Audit } from './audit.ts';
import type { BrokerWatcher } from './broker.ts';
import type { Conditions } from './conditions.ts';
import type { End } from './end.ts';
import type { Forger } from './forger.ts';
import type { ModelLink } from './link.ts';
import { describeMessage } from './telling.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

export interface WatcherPlace {
  readonly audit: Audit;
  readonly conditions: Conditions;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly forger: Forger;
}

/** Sees all that passes in the swarm, and tells those who keep account of it. */
export class Watcher implements BrokerWatcher {
  readonly #place: WatcherPlace;

  constructor(place: WatcherPlace) {
    this.#place = place;
  }

  dialed(end: End, inbox: string): void {
    const { trace, forger } = this.#place;
    const process = inbox.slice(inbox.lastIndexOf('.') + 1);
    trace.name(process, end.name);
    forger.meet(process);
  }

  published(link: ModelLink, subject: string, payload: Uint8Array): void {
    const { audit, conditions, forger, trace } = this.#place;
    audit.published(link.number, subject, payload);
    forger.see(subject, payload);
    conditions.swarmMessage(payload, link.process);
    if (trace.isKept) this.#say(link, `-> ${subject}`, payload);
  }

  sent(link: ModelLink, payload: Uint8Array): void {
    this.#place.conditions.swarmMessage(payload, link.process);
  }

  delivered(link: ModelLink, payload: Uint8Array): void {
    const { audit, trace } = this.#place;
    audit.delivered(link.number, payload);
    trace.mix(payload.length * 8 + link.process);
    if (trace.isKept) this.#say(link, '<-', payload);
  }

  givenUp({ end, number }: ModelLink): void {
    if (end.isLeaving || end.isDead) return;
    this.#place.audit.violate('LINK', `${end.name} gives up link ${number}, which works`);
  }

  repeated(payload: Uint8Array): void {
    this.#place.audit.repeated(payload);
  }

  placed({ end, number, server }: ModelLink): void {
    const { trace, timeline } = this.#place;
    trace.say(timeline.nowMs, () => `  ${end.name}/${number} is at server ${server.number}`);
  }

  healed({ end, number }: ModelLink): void {
    const { trace, timeline } = this.#place;
    trace.say(timeline.nowMs, () => `  ${end.name}/${number} has healed`);
  }

  #say({ end, number }: ModelLink, how: string, payload: Uint8Array): void {
    const { trace, timeline } = this.#place;
    const words = describeMessage(payload);
    trace.say(timeline.nowMs, () => `  ${end.name}/${number} ${how} ${words}`);
  }
}
