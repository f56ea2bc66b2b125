import type { VirtualClock } from './clock.ts';
import { Lane } from './lane.ts';

/** A server or a client of a test swarm. */
export interface NetworkEnd {
  readonly isOpen: boolean;
  close(): unknown;
}

/**
 * What lies between the ends. To a server belongs its link to the swarm, and to a client its
 * socket to the server.
 *
 * @throws TypeError for a server or client that is not of this swarm.
 */
export interface TestNetwork {
  /**
   * Break the connection of this end, and let it make no other before {@link heal}. When this
   * returns, both sides know. What is under way is lost.
   */
  cut(end: NetworkEnd): void;
  /**
   * Lose everything that the connection carries from now on, and tell nobody: it stays dead, and
   * so does whatever this end dials before {@link heal}. The end finds out by its own heartbeat,
   * the other side after 30 s.
   */
  drop(end: NetworkEnd): void;
  /** Let the end connect again. It does so by itself, after its back-off. */
  heal(end: NetworkEnd): void;
  /** The time that a message takes through a socket or a link from now on; default 0. */
  latency(ms: number): void;
}

/** What an end can reach: where faults act. */
export interface Reach {
  cut(): void;
  drop(): void;
  heal(): void;
  /** Let go of everything; returns what was still in use, in words. */
  end(): readonly string[];
}

/** How long the other side of a dropped connection takes for alive what it does not hear, in ms. */
export const SILENCE_MS = 30_000;

/** The implementation of {@link TestNetwork}. */
export class Network implements TestNetwork {
  readonly clock: VirtualClock;
  latencyMs = 0;
  readonly #reaches: Map<NetworkEnd, Reach> = new Map();

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  add(end: NetworkEnd, reach: Reach): void {
    this.#reaches.set(end, reach);
  }

  lane(): Lane {
    return new Lane(this.clock, () => this.latencyMs);
  }

  cut(end: NetworkEnd): void {
    this.#of(end).cut();
  }

  drop(end: NetworkEnd): void {
    this.#of(end).drop();
  }

  heal(end: NetworkEnd): void {
    this.#of(end).heal();
  }

  latency(ms: number): void {
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`not a latency: ${ms}`);
    this.latencyMs = ms;
  }

  #of(end: NetworkEnd): Reach {
    const reach = this.#reaches.get(end);
    if (reach === undefined) throw new TypeError('neither a server nor a client of this swarm');
    return reach;
  }
}
