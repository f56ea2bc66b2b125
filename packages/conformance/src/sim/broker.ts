import type { LinkHost, Swarm } from '@swarm/core';
import type { Conditions } from './conditions.ts';
import type { End } from './end.ts';
import type { Latency } from './lane.ts';
import { ModelLink } from './link.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/**
 * How well the broker knows who hears: `exact`; `sniffed`, somebody listens to everything, so that
 * everything is heard; `ghosts`, processes that are gone without a word count for a while; `none`,
 * it does not know, and says so.
 */
export const VERDICTS = ['exact', 'sniffed', 'ghosts', 'none'] as const;
export type Verdicts = (typeof VERDICTS)[number];

export interface BrokerConfig {
  readonly verdicts: Verdicts;
  readonly latency: Latency;
  /** Whether subscriptions travel by a connection of their own, as with some clients. */
  readonly hasControlLane: boolean;
  readonly frameBytesMax: number;
  /** An error that says that a link is over, of the core under test. */
  readonly closedError: () => Error;
}

/** Told of all that passes. */
export interface BrokerWatcher {
  dialed(end: End, inbox: string): void;
  published(link: ModelLink, subject: string, payload: Uint8Array): void;
  /** By the broker, to a process. */
  sent(link: ModelLink, payload: Uint8Array): void;
  delivered(link: ModelLink, payload: Uint8Array): void;
  /** A process closes a link on which nothing has gone wrong. */
  givenUp(link: ModelLink): void;
  /** It is going to be delivered again. */
  repeated(payload: Uint8Array): void;
}

/** How long a broker with ghosts believes in a process that is gone, in ms. */
const GHOST_MS = 2_500;

/** A model of a broker: what adapters promise holds, and nothing more. */
export class Broker {
  readonly timeline: Timeline;
  readonly conditions: Conditions;
  readonly config: BrokerConfig;
  readonly random: Random;
  readonly watcher: BrokerWatcher;
  /** Links that are neither open nor refused. */
  readonly dialing: Set<ModelLink> = new Set();
  readonly #links: Set<ModelLink> = new Set();
  readonly #heard: Map<string, Set<ModelLink>> = new Map();
  #awayUntilMs = 0;
  #numbered = 0;

  constructor(
    timeline: Timeline,
    random: Random,
    conditions: Conditions,
    config: BrokerConfig,
    watcher: BrokerWatcher,
  ) {
    this.timeline = timeline;
    this.random = random;
    this.conditions = conditions;
    this.config = config;
    this.watcher = watcher;
  }

  /** Links that the broker still knows. */
  get links(): ReadonlySet<ModelLink> {
    return this.#links;
  }

  /** Subjects that somebody is believed to hear. */
  get subjects(): number {
    return this.#heard.size;
  }

  swarmOf(end: End, process: number): Swarm {
    const { frameBytesMax, verdicts } = this.config;
    return {
      name: 'model',
      capabilities: { frameBytesMax, detectsNoReceiver: verdicts !== 'none' },
      connect: (host) => this.#connect(host, end, process),
    };
  }

  /** All links are lost, and for a while there is nobody to dial. */
  away(forMs: number): void {
    this.#awayUntilMs = Math.max(this.#awayUntilMs, this.timeline.nowMs + forMs);
    for (const link of [...this.#links]) link.break(new Error('the broker is gone'));
  }

  /** The links of one process are lost. */
  unlink(process: number): void {
    for (const link of [...this.#links]) {
      if (link.process === process) link.break(new Error('connection reset'));
    }
  }

  press(on: boolean): void {
    for (const link of this.#links) link.press(on);
  }

  /** A process is gone: its links are, sooner or later. */
  crashed(end: End): void {
    for (const link of this.dialing) if (link.end === end) this.dialing.delete(link);
    for (const link of [...this.#links]) {
      if (link.end !== end) continue;
      if (this.config.verdicts === 'ghosts') this.abandoned(link);
      else link.cut();
    }
  }

  /** Nobody is at the other side of the link any more, which takes a while to be noticed. */
  abandoned(link: ModelLink): void {
    const delayMs = this.random.between(0, GHOST_MS);
    this.timeline.at(this.timeline.nowMs + delayMs, null, () => link.cut());
  }

  hear(link: ModelLink, subject: string): void {
    const links = this.#heard.get(subject);
    if (links === undefined) this.#heard.set(subject, new Set([link]));
    else links.add(link);
  }

  unhear(link: ModelLink, subject: string): void {
    const links = this.#heard.get(subject);
    links?.delete(link);
    if (links?.size === 0) this.#heard.delete(subject);
  }

  forget(link: ModelLink): void {
    this.#links.delete(link);
    for (const subject of [...link.subjects]) this.unhear(link, subject);
    link.subjects.clear();
  }

  /** A message has arrived at the broker. */
  arrived(from: ModelLink, subject: string, payload: Uint8Array, token: number): void {
    const { conditions } = this;
    if (conditions.hits('loss', payload, this.random)) return from.spoil();
    const links = this.#heard.get(subject);
    if (links !== undefined) for (const link of links) this.#send(from, link, subject, payload);
    else if (token !== 0) this.#unheard(from, token);
  }

  /** A message of nobody's, or one that was heard before; unless it must not be any more. */
  inject(subject: string, payload: Uint8Array, delayMs: number, isDue = (): boolean => true): void {
    this.timeline.at(this.timeline.nowMs + delayMs, null, () => {
      if (!isDue()) return;
      for (const link of this.#heard.get(subject) ?? []) link.inject(subject, payload, isDue);
    });
  }

  #unheard(from: ModelLink, token: number): void {
    const { verdicts } = this.config;
    if (verdicts === 'exact' || verdicts === 'ghosts') from.undeliverable(token);
  }

  #send(from: ModelLink, to: ModelLink, subject: string, payload: Uint8Array): void {
    const { conditions, random } = this;
    if (conditions.isSplit(from.process, to.process)) return;
    if (conditions.hits('reordering', payload, random)) {
      to.stray(subject, payload, random.between(0, 60));
    } else to.deliver(subject, payload);
    if (conditions.hits('duplication', payload, random)) {
      this.watcher.repeated(payload);
      to.stray(subject, payload, random.between(0, 60));
    }
    if (conditions.hits('late', payload, random)) {
      this.watcher.repeated(payload);
      this.inject(subject, payload, random.between(200, 1_500));
    }
  }

  #connect(host: LinkHost, end: End, process: number): ReturnType<Swarm['connect']> {
    this.#numbered += 1;
    this.watcher.dialed(end, host.inbox);
    const link = new ModelLink(this, host, end, { process, number: this.#numbered });
    return link.open(() => {
      if (this.timeline.nowMs < this.#awayUntilMs) return false;
      this.#links.add(link);
      link.hear([host.inbox]);
      return true;
    });
  }
}
