import type { Message, Socket, SocketHost } from '@swarm/core';
import type { Conditions } from './conditions.ts';
import type { End } from './end.ts';
import { Lane, type Latency } from './lane.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Where a socket is, and how it gets its messages to the other side. */
export interface SocketPlace {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly conditions: Conditions;
  readonly latency: Latency;
  /** Index of the process at one of its ends, for the coverage. */
  readonly process: number;
}

/** One end of a connection between a client and a process: whole messages, in order, or none. */
export class ModelSocket implements Socket {
  bufferedBytes = 0;
  readonly #end: End;
  readonly #place: SocketPlace;
  readonly #lane: Lane;
  #peer: ModelSocket = this;
  #host: SocketHost | null = null;
  /** Messages that came before anybody listened. */
  #early: ((host: SocketHost) => void)[] = [];
  #state: 'open' | 'closing' | 'closed' = 'open';
  #isCut = false;

  private constructor(end: End, place: SocketPlace) {
    const { timeline, random, latency, conditions } = place;
    this.#end = end;
    this.#place = place;
    this.#lane = new Lane(timeline, random, latency, conditions);
  }

  static pair(near: End, far: End, place: SocketPlace): [ModelSocket, ModelSocket] {
    const [a, b] = [new ModelSocket(near, place), new ModelSocket(far, place)];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  attach(host: SocketHost): void {
    this.#host = host;
    for (const tell of this.#early.splice(0)) tell(host);
  }

  send(message: Message): void {
    if (this.#state !== 'open') return;
    const { conditions, process } = this.#place;
    conditions.socketMessage(message, process);
    const bytes = message.length;
    this.bufferedBytes += bytes;
    const peer = this.#peer;
    this.#lane.send(peer.#end, () => {
      this.bufferedBytes -= bytes;
      peer.arrive(message);
    });
  }

  arrive(message: Message): void {
    if (!this.#isCut) this.#tell((host) => host.message(message));
  }

  /** For some time nothing is taken from the other end. */
  clog(forMs: number): void {
    this.#peer.#lane.hold(this.#place.timeline.nowMs + forMs);
  }

  /** A message comes here, or to the other end, that nobody has sent. */
  forge(message: Message, isHere: boolean): void {
    const to = isHere ? this : this.#peer;
    to.#lane.send(to.#end, () => to.arrive(message));
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    const peer = this.#peer;
    this.#lane.send(peer.#end, () => {
      if (peer.#isCut) return;
      peer.#close(code, reason);
      peer.#lane.send(this.#end, () => this.#close(code, reason));
    });
  }

  /** The connection breaks; each end notices when it does. */
  cut(nearDelayMs: number, farDelayMs: number): void {
    this.#break(nearDelayMs);
    this.#peer.#break(farDelayMs);
  }

  /** From now on nothing arrives here, and after a while that is noticed. */
  #break(delayMs: number): void {
    const { timeline } = this.#place;
    this.#isCut = true;
    timeline.at(timeline.nowMs + delayMs, this.#end, () => this.#close(1006, ''));
  }

  #close(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#tell((host) => host.closed(code, reason));
    this.#state = 'closed';
  }

  #tell(what: (host: SocketHost) => void): void {
    if (this.#state === 'closed') return;
    const host = this.#host;
    if (host === null) this.#early.push(what);
    else what(host);
  }
}
