import { LIMITS, type Socket } from '@swarm/core';
import type { Candidate, Clause } from './clauses/clause.ts';
import { Waiting } from './clauses/waiting.ts';
import { SocketEnd } from './socket-end.ts';

/** Both ends of one open connection; nobody has attached to them yet. */
export interface SocketPair {
  /** As a server gets it from `listen`. */
  readonly near: Socket;
  /** As a client gets it from `connect`. */
  readonly far: Socket;
  /** Break the connection between them, without a goodbye to either. */
  sever(): Promise<void> | void;
}

/** What the author of an adapter supplies. */
export interface SocketFixture {
  /** A new connection each time. */
  pair(): Promise<SocketPair>;
  /** End what the pairs are made with. Called once, after the last clause. */
  close?(): Promise<void> | void;
  /** The longest time without any event while something must come, in ms; default 5,000. */
  readonly settleMs?: number;
  /** Greatest message that both ends take, in bytes; default `socketFrameBytesMax`. */
  readonly frameBytesMax?: number;
}

/** What some adapters have and others do not: clauses about it apply to nobody else. */
export type SocketClaim = 'bufferedBytes';

/** One promise of a socket adapter. */
export type SocketClause = Clause<SocketBench, SocketClaim>;

/** A connection whose ends are attached. */
export interface Connection {
  readonly near: SocketEnd;
  readonly far: SocketEnd;
  sever(): Promise<void>;
}

const SETTLE_MS = 5_000;

/** A fixture, as clauses are tried on it. */
export async function socketCandidate(
  fixture: SocketFixture,
): Promise<Candidate<SocketBench, SocketClaim>> {
  const bench = new SocketBench(fixture);
  const { near, far } = await bench.open();
  const isKnown = near.socket.bufferedBytes !== undefined && far.socket.bufferedBytes !== undefined;
  await bench.close();
  return {
    claims: new Set<SocketClaim>(isKnown ? ['bufferedBytes'] : []),
    newBench: () => new SocketBench(fixture),
    close: async () => fixture.close?.(),
  };
}

/** Where one clause is tried, on connections of its own. */
export class SocketBench {
  readonly fixture: SocketFixture;
  readonly frameBytesMax: number;
  readonly settleMs: number;
  readonly waiting: Waiting;
  readonly #ends: SocketEnd[] = [];

  constructor(fixture: SocketFixture) {
    this.fixture = fixture;
    this.frameBytesMax = fixture.frameBytesMax ?? LIMITS.socketFrameBytesMax;
    this.settleMs = fixture.settleMs ?? SETTLE_MS;
    this.waiting = new Waiting(this.settleMs);
  }

  async open(): Promise<Connection> {
    const { waiting } = this;
    const pair = await waiting.within(this.fixture.pair(), () => 'a pair is connected');
    const near = new SocketEnd('near', pair.near, waiting);
    const far = new SocketEnd('far', pair.far, waiting);
    this.#ends.push(near, far);
    return { near, far, sever: async () => pair.sever() };
  }

  openMany(count: number): Promise<Connection[]> {
    return Promise.all(Array.from({ length: count }, () => this.open()));
  }

  /** The ends of a new connection as sender and receiver, one way and then the other. */
  async bothWays(run: (sender: SocketEnd, receiver: SocketEnd) => Promise<void>): Promise<void> {
    const there = await this.open();
    await run(there.near, there.far);
    const back = await this.open();
    await run(back.far, back.near);
  }

  /** Ends what the clause has left open. How sockets close is for other clauses to judge. */
  async close(): Promise<void> {
    for (const end of this.#ends) if (end.closings.length === 0) end.close();
    await Promise.allSettled(this.#ends.map((end) => end.isTold()));
  }
}
