import { randomBytes } from 'node:crypto';
import { type Capabilities, LIMITS, type Swarm } from '@swarm/core';
import type { Candidate, Clause } from './clauses/clause.ts';
import { Waiting } from './clauses/waiting.ts';
import { Station } from './swarm-station.ts';

/** What the author of an adapter supplies. */
export interface SwarmFixture {
  /** A swarm of a broker that nobody else uses. */
  readonly swarm: Swarm;
  /**
   * Make the broker go away abruptly, so that all links are lost: `kill -9`, say. It is back when
   * this resolves.
   */
  sever(): Promise<void> | void;
  /** End the broker. Called once, after the last clause. */
  close?(): Promise<void> | void;
  /** The longest time without any event while something must come, in ms; default 5,000. */
  readonly settleMs?: number;
  /** A swarm whose broker cannot be reached, and the text in its URL that nobody may see. */
  readonly unreachable?: { readonly swarm: Swarm; readonly secret: string };
  /** States that the swarm carries less than `swarmFrameBytesMax`: servers then need less, too. */
  readonly carriesLess?: boolean;
}

/** What an adapter or its fixture says of itself; some clauses apply to nobody else. */
export type SwarmClaim =
  | 'detectsNoReceiver'
  | 'detectsNoReceiver: false'
  | 'swarmFrameBytesMax'
  | 'unreachable';

/** One promise of a swarm adapter. */
export type SwarmClause = Clause<SwarmBench, SwarmClaim>;

/** A fixture, as clauses are tried on it. */
export function swarmCandidate(fixture: SwarmFixture): Candidate<SwarmBench, SwarmClaim> {
  return {
    claims: claimsOf(fixture),
    capabilities: fixture.swarm.capabilities,
    newBench: () => new SwarmBench(fixture),
    close: async () => fixture.close?.(),
  };
}

function claimsOf(fixture: SwarmFixture): ReadonlySet<SwarmClaim> {
  const { detectsNoReceiver } = fixture.swarm.capabilities;
  const claims = new Set<SwarmClaim>();
  claims.add(detectsNoReceiver ? 'detectsNoReceiver' : 'detectsNoReceiver: false');
  if (fixture.carriesLess !== true) claims.add('swarmFrameBytesMax');
  if (fixture.unreachable !== undefined) claims.add('unreachable');
  return claims;
}

const SETTLE_MS = 5_000;

/** Where one clause is tried: links of its own, and subjects that no other clause uses. */
export class SwarmBench {
  readonly fixture: SwarmFixture;
  readonly waiting: Waiting;
  readonly settleMs: number;
  readonly #prefix: string = `kit${randomBytes(5).toString('hex')}`;
  readonly #stations: Station[] = [];
  #subjects = 0;

  constructor(fixture: SwarmFixture) {
    this.fixture = fixture;
    this.settleMs = fixture.settleMs ?? SETTLE_MS;
    this.waiting = new Waiting(this.settleMs);
  }

  get swarm(): Swarm {
    return this.fixture.swarm;
  }

  get capabilities(): Capabilities {
    return this.swarm.capabilities;
  }

  /** What the hosts of this bench may publish. */
  get frameBytesMax(): number {
    return Math.min(LIMITS.swarmFrameBytesMax, this.capabilities.frameBytesMax);
  }

  /** Put before a subject, it makes one that only this bench uses. */
  get prefix(): string {
    return this.#prefix;
  }

  /** A subject that was never used. */
  subject(): string {
    this.#subjects += 1;
    return `${this.#prefix}.n.${this.#subjects}`;
  }

  subjects(count: number): string[] {
    return Array.from({ length: count }, () => this.subject());
  }

  /** Connected links, by what they are for; each has an inbox of its own. */
  async open<Role extends string>(...roles: readonly Role[]): Promise<Record<Role, Station>> {
    const opened = roles.map(async (role) => [role, await this.openAt(this.#inbox(role))] as const);
    return Object.fromEntries(await Promise.all(opened)) as Record<Role, Station>;
  }

  /** So many connected links that are all for the same. */
  openMany(count: number): Promise<Station[]> {
    const inboxes = Array.from({ length: count }, () => this.#inbox('link'));
    return Promise.all(inboxes.map((inbox) => this.openAt(inbox)));
  }

  /** A connected link with a given inbox. */
  async openAt(inbox: string): Promise<Station> {
    const station = this.host(inbox);
    await this.waiting.within(station.connect(this.swarm), () => `${inbox} is connected`);
    return station;
  }

  /** A host that is still to be connected. */
  host(inbox: string, frameBytesMax: number = this.frameBytesMax): Station {
    const station = new Station(inbox, frameBytesMax, this.waiting, this.#stations);
    this.#stations.push(station);
    return station;
  }

  /** The broker goes and comes back; resolves when these have been told. */
  async sever(...stations: readonly Station[]): Promise<void> {
    await this.fixture.sever();
    await this.waiting.until(
      () => 'every link of a broker that went away is told so',
      () => stations.every(({ losses }) => losses.length > 0),
    );
  }

  /** Ends what the clause has left open. How links close is for other clauses to judge. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#stations.map((station) => station.abandon()));
  }

  #inbox(role: string): string {
    this.#subjects += 1;
    return `${this.#prefix}.p.${role}-${this.#subjects}`;
  }
}
