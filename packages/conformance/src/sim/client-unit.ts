import type { Client, Node, Socket } from '@swarm/core';
import type { Core } from './core.ts';
import type { End } from './end.ts';
import { Party } from './facts.ts';
import { hostileMessage } from './hostile.ts';
import type { Latency } from './lane.ts';
import { ModelSocket, type SocketPlace } from './model-socket.ts';
import type { Setup } from './plan.ts';
import { type ProcessUnit, REQUEST_TIMEOUT_MS } from './process-unit.ts';
import type { Random } from './random.ts';
import type { Scene, Serving } from './serving.ts';

export interface ClientPlace extends Scene {
  readonly core: Core;
  readonly setup: Setup;
  readonly serving: Serving;
  readonly processes: readonly ProcessUnit[];
  /** Numbers of parties, in the order they come. */
  nextParty(): number;
}

export interface ClientConfig {
  readonly number: number;
  readonly slot: number;
  /** The id it has at every node, or null for a new one each time. */
  readonly id: string | null;
  /** Index of the process it prefers. */
  readonly home: number;
  readonly end: End;
  readonly random: Random;
}

/** A program that is a client: it connects to whatever process is there, again and again. */
export class ClientUnit {
  readonly config: ClientConfig;
  readonly party: Party;
  readonly client: Client;
  /** Its nodes, the latest one last. */
  readonly nodes: Party[] = [];
  readonly #place: ClientPlace;
  #socket: ModelSocket | null = null;
  /** Index of the process it was connected to last. */
  process: number;

  constructor(config: ClientConfig, place: ClientPlace) {
    const { core, setup, serving } = place;
    const { end, number } = config;
    this.config = config;
    this.#place = place;
    this.process = config.home;
    this.party = new Party(place.nextParty(), 'client', end, number);
    this.client = core.createClient(() => this.#dial(), {
      runtime: end,
      dialect: number % 2 === 0 ? core.swarm1 : core.swarmJson,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      queueWhileDown: setup.queueWhileDown,
      backoffBaseMs: 20,
      backoffCapMs: 200,
      openTimeoutMs: 800,
      pingIntervalMs: setup.pingIntervalMs,
      limits: setup.limits,
    });
    serving.ofClient(this.client, this.party, setup.isLayered);
    this.client.events.on('failed', () => this.#ended());
    const say = (what: string) =>
      place.audit.trace.say(place.timeline.nowMs, () => `${end.name} ${what}`);
    this.client.events.on('open', () => say(`is open as ${this.client.id}`));
    this.client.events.on('close', ({ code, reason }) => say(`is down: ${code} ${reason}`));
    this.client.events.on('failed', ({ message }) => say(`has ended: ${message}`));
  }

  get isOver(): boolean {
    return this.party.hasEnded;
  }

  /** Its present node, where there is one that lives. */
  get node(): Party | null {
    for (let at = this.nodes.length - 1; at >= 0; at -= 1) {
      const party = this.nodes[at];
      if (party?.node?.isOpen === true && !party.end.isDead) return party;
    }
    return null;
  }

  /** The id by which others know its node. */
  get knownId(): string | null {
    return this.config.id ?? this.node?.node?.id ?? this.client.id;
  }

  /** The connection breaks; each end notices in its time. */
  cut(random: Random, forMs: number): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.cut(random.between(0, forMs), random.between(0, forMs));
  }

  clog(forMs: number): void {
    this.#socket?.clog(forMs);
  }

  /** Something comes to one of its ends that the other has not said. */
  forge(random: Random): void {
    const message = hostileMessage(random, this.config.number % 2 === 0);
    this.#place.conditions.forgedBySocket(message);
    this.#socket?.forge(message, random.chance(0.5));
  }

  /** The program ends without a word. */
  kill(random: Random, forMs: number): void {
    this.#ended();
    this.config.end.kill();
    this.cut(random, forMs);
  }

  close(): void {
    this.client.close();
    this.#ended();
  }

  #ended(): void {
    this.party.hasEnded = true;
  }

  #dial(): Socket {
    const { timeline, conditions, setup, processes } = this.#place;
    const { end, home, random } = this.config;
    const isBack = this.#socket !== null || this.nodes.length > 0;
    const index = this.#pick(isBack && setup.roams ? random.below(processes.length) : home);
    const unit = processes[index] as ProcessUnit;
    const latency: Latency = setup.socketLatency;
    const place: SocketPlace = { timeline, random, conditions, latency, process: index };
    const [near, far] = ModelSocket.pair(end, unit.end, place);
    this.#socket = near;
    this.process = index;
    const atMs = timeline.nowMs + latency.maxMs;
    if (!unit.isUp) near.cut(latency.maxMs, 0);
    else timeline.at(atMs, unit.end, () => this.#accept(unit, far));
    return near;
  }

  /** The process it prefers, or the next one that is up. */
  #pick(home: number): number {
    const { processes } = this.#place;
    for (let i = 0; i < processes.length; i += 1) {
      const index = (home + i) % processes.length;
      if (processes[index]?.isUp === true) return index;
    }
    return home;
  }

  #accept(unit: ProcessUnit, far: ModelSocket): void {
    const { server, end } = unit;
    const { core } = this.#place;
    const { id, number, random } = this.config;
    if (server === null) return far.close(1001, 'the server is closing');
    const party = new Party(this.#place.nextParty(), 'node', end, number);
    if (id !== null) party.ids.add(id);
    const isBinary = number % 2 === 0;
    const dialect = isBinary ? core.swarm1 : core.swarmJson;
    const named = id === null ? { data: party } : { data: party, id };
    // Without one, it is the one of the original clients.
    const options = isBinary || random.chance(0.5) ? Object.assign(named, { dialect }) : named;
    unit.making += 1;
    server.createNode(far, options).then(
      (node: Node) => {
        unit.making -= 1;
        this.#joined(party, node);
      },
      // The socket was closed with the reason.
      () => {
        unit.making -= 1;
      },
    );
  }

  #joined(party: Party, node: Node): void {
    party.node = node;
    party.ids.add(node.id);
    this.party.ids.add(node.id);
    this.nodes.push(party);
  }
}
