import type { LinkHost, Swarm } from '@swarm/core';
import { BrokerServer, Neighbours } from './broker-server.ts';
import type { Conditions } from './conditions.ts';
import type { End } from './end.ts';
import { Lane, type Latency } from './lane.ts';
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
  /** How many servers it has: one, or several that tell each other who hears what. */
  readonly servers: number;
  readonly verdicts: Verdicts;
  readonly latency: Latency;
  /** From one server to another. */
  readonly routeLatency: Latency;
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
  /** In a broker of several servers, a link is at one of them; or it is told that they healed. */
  placed(link: ModelLink): void;
  healed(link: ModelLink): void;
}

/** How long a broker with ghosts believes in a process that is gone, in ms. */
const GHOST_MS = 2_500;

/** How long after the servers have found each other the last link is told, in ms. */
const REUNITED_MS = 100;

/** After so long, all servers are taken to know what a new link hears, in ms. */
const KNOWN_MS = 1_000;

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
  readonly #servers: readonly BrokerServer[];
  readonly #neighbours: readonly Neighbours[];
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
    const newLane = () => new Lane(timeline, random, config.routeLatency, conditions);
    const servers = Array.from({ length: config.servers }, (_, at) => new BrokerServer(at));
    this.#servers = servers;
    this.#neighbours = servers.flatMap((server, at) => {
      return servers.slice(at + 1).map((other) => new Neighbours(server, other, newLane));
    });
  }

  /** Links that the broker still knows. */
  get links(): ReadonlySet<ModelLink> {
    return this.#links;
  }

  /** Whether it has several servers, which know of each other only in time. */
  get isGradual(): boolean {
    return this.#servers.length > 1;
  }

  swarmOf(end: End, process: number): Swarm {
    const { frameBytesMax, verdicts } = this.config;
    return {
      name: 'model',
      capabilities: { frameBytesMax, detectsNoReceiver: verdicts !== 'none' },
      connect: (host) => this.#connect(host, end, process),
    };
  }

  /** A process has the link. Who got one elsewhere at the same time may not hear what it claims. */
  opened(link: ModelLink): void {
    if (!this.isGradual) return;
    this.timeline.at(this.timeline.nowMs + KNOWN_MS, link.end, () => link.heal());
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

  /** A server and another one, or all others, lose each other until what is returned is called. */
  part(server: number, other: number | null): () => void {
    const parted = this.#neighbours.filter(({ both }) => {
      const numbers = both.map(({ number }) => number);
      return numbers.includes(server) && (other === null || numbers.includes(other));
    });
    for (const neighbours of parted) neighbours.part();
    return () => {
      for (const neighbours of parted) neighbours.reunite(() => this.#reunite(neighbours.both));
    };
  }

  forget(link: ModelLink): void {
    this.#links.delete(link);
    for (const subject of [...link.subjects]) link.server.unhear(link, subject);
    link.subjects.clear();
  }

  /** A message has arrived at the broker. */
  arrived(from: ModelLink, subject: string, payload: Uint8Array, token: number): void {
    const { conditions } = this;
    if (conditions.hits('loss', payload, this.random)) return from.spoil();
    const hearers = from.server.hearers(subject);
    for (const link of hearers) this.#send(from, link, subject, payload);
    let isHeard = hearers.size > 0;
    for (const route of from.server.routes) {
      if (!route.believes(subject)) continue;
      isHeard = true;
      route.carry(() => {
        for (const link of route.to.hearers(subject)) this.#send(from, link, subject, payload);
      });
    }
    if (!isHeard && token !== 0) this.#unheard(from, token);
  }

  /** A message of nobody's, or one that was heard before; unless it must not be any more. */
  inject(subject: string, payload: Uint8Array, delayMs: number, isDue = (): boolean => true): void {
    this.timeline.at(this.timeline.nowMs + delayMs, null, () => {
      if (!isDue()) return;
      for (const server of this.#servers) {
        for (const link of server.hearers(subject)) link.inject(subject, payload, isDue);
      }
    });
  }

  #unheard(from: ModelLink, token: number): void {
    const { verdicts } = this.config;
    if (verdicts === 'exact' || verdicts === 'ghosts') from.undeliverable(token);
  }

  #send(from: ModelLink, to: ModelLink, subject: string, payload: Uint8Array): void {
    const { conditions, random } = this;
    // Where there are several servers, it is those that are split.
    if (!this.isGradual && conditions.isSplit(from.process, to.process)) return;
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
    const at = this.isGradual ? this.random.below(this.#servers.length) : 0;
    const server = this.#servers[at] as BrokerServer;
    const link = new ModelLink(this, host, end, { process, number: this.#numbered, server });
    if (this.isGradual) this.watcher.placed(link);
    return link.open(() => {
      if (this.timeline.nowMs < this.#awayUntilMs) return false;
      this.#links.add(link);
      link.hear([host.inbox]);
      return true;
    });
  }

  /** Who publishes from now on is heard by all links of both; they get to know one by one. */
  #reunite(servers: readonly BrokerServer[]): void {
    for (const link of this.#links) {
      if (!servers.includes(link.server)) continue;
      const atMs = this.timeline.nowMs + this.random.between(0, REUNITED_MS);
      this.timeline.at(atMs, null, () => link.reunited());
    }
  }
}
