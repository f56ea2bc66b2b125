import type { Server } from '@swarm/core';
import type { Broker } from './broker.ts';
import type { Core } from './core.ts';
import type { End } from './end.ts';
import type { Setup } from './plan.ts';
import type { Serving } from './serving.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

export interface ProcessPlace {
  readonly core: Core;
  readonly setup: Setup;
  readonly broker: Broker;
  readonly serving: Serving;
  readonly trace: Trace;
  readonly timeline: Timeline;
  /** A new platform for the process of this index, which is another process. */
  newEnd(index: number): End;
}

/** Time for an answer where a call does not say, in ms. */
export const REQUEST_TIMEOUT_MS = 500;

/** Until a process that found no broker is started again, in ms. */
const RESTART_MS = 150;

/** A place where processes run, one after another. */
export class ProcessUnit {
  readonly index: number;
  readonly #place: ProcessPlace;
  end: End;
  server: Server | null = null;
  /** Ends of servers that were closed and must have nothing left. */
  readonly retired: End[] = [];
  /** Nodes that are being made by the present process. */
  making = 0;
  /** Servers that have been told to close, and have not yet. */
  closing = 0;
  #isWanted = false;

  constructor(index: number, place: ProcessPlace) {
    this.index = index;
    this.#place = place;
    this.end = place.newEnd(index);
  }

  get isUp(): boolean {
    return this.server !== null;
  }

  /** Whether there is, or will be, a process. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  start(): void {
    const { core, setup, broker, serving, timeline, newEnd } = this.#place;
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.end = newEnd(this.index);
    this.making = 0;
    const { end } = this;
    const { takeover, limits } = setup;
    const swarm = broker.swarmOf(end, this.index);
    const options = { takeover, limits, requestTimeoutMs: REQUEST_TIMEOUT_MS };
    core.createServer({ swarm, runtime: end, ...options }).then(
      (server) => {
        if (end.isDead) return;
        this.server = server;
        serving.ofServer(server, setup);
        server.events.on('connection', (node) => {
          (node.data as { node: unknown }).node = node;
        });
        this.#tellOf(server, end.name);
      },
      () => {
        if (end.isDead) return;
        this.#isWanted = false;
        this.retired.push(end);
        timeline.at(timeline.nowMs + RESTART_MS, null, () => this.start());
      },
    );
  }

  #tellOf({ events }: Server, name: string): void {
    const { trace, timeline } = this.#place;
    const say = (what: string) => trace.say(timeline.nowMs, () => `${name} ${what}`);
    events.on('joined', (id) => say(`has ${id}`));
    events.on('left', (id, reason) => say(`has lost ${id}: ${reason}`));
    events.on('linked', () => say('has a link'));
    events.on('unlinked', (cause) => say(`has no link: ${(cause as Error).message}`));
  }

  /** Ends without a word. */
  crash(): void {
    this.#isWanted = false;
    this.server = null;
    this.end.kill();
    this.#place.broker.crashed(this.end);
  }

  /** Leaves in good order. False when there is nothing to close. */
  close(onClosed: () => void): boolean {
    const { server } = this;
    if (server === null) return false;
    this.server = null;
    this.#isWanted = false;
    const { end } = this;
    end.isLeaving = true;
    this.closing += 1;
    server.close().then(() => {
      this.closing -= 1;
      this.retired.push(end);
      onClosed();
    });
    return true;
  }
}
