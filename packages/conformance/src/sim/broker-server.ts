import type { Lane } from './lane.ts';
import type { ModelLink } from './link.ts';

const NOBODY: ReadonlySet<ModelLink> = new Set();

/**
 * One of the servers of a broker. What its links hear counts here at once, and at the others when
 * they are told: by the same route as messages, so that none gets there before what was told first.
 */
export class BrokerServer {
  readonly number: number;
  readonly #heard: Map<string, Set<ModelLink>> = new Map();
  readonly #routes: Route[] = [];

  constructor(number: number) {
    this.number = number;
  }

  /** The ways to all other servers. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  get subjects(): Iterable<string> {
    return this.#heard.keys();
  }

  hearers(subject: string): ReadonlySet<ModelLink> {
    return this.#heard.get(subject) ?? NOBODY;
  }

  hear(link: ModelLink, subject: string): void {
    const links = this.#heard.get(subject);
    if (links !== undefined) {
      links.add(link);
      return;
    }
    this.#heard.set(subject, new Set([link]));
    for (const route of this.#routes) route.tell(subject, true);
  }

  unhear(link: ModelLink, subject: string): void {
    const links = this.#heard.get(subject);
    if (links?.delete(link) !== true || links.size > 0) return;
    this.#heard.delete(subject);
    for (const route of this.#routes) route.tell(subject, false);
  }

  /** There is a way to another server. */
  lead(route: Route): void {
    this.#routes.push(route);
  }

  /** Another server says what it hears. */
  told(by: BrokerServer, subject: string, isHeard: boolean): void {
    this.#routes.find(({ to }) => to === by)?.believe(subject, isHeard);
  }
}

/** The way from one server to another: what goes in first comes out first. */
export class Route {
  readonly from: BrokerServer;
  readonly to: BrokerServer;
  readonly #lane: Lane;
  /** What the other server is believed to hear. */
  readonly #believed: Set<string> = new Set();
  #isOpen = true;
  /** What left before the way was cut does not arrive. */
  #cuts = 0;

  constructor(from: BrokerServer, to: BrokerServer, lane: Lane) {
    this.from = from;
    this.to = to;
    this.#lane = lane;
    from.lead(this);
  }

  believes(subject: string): boolean {
    return this.#believed.has(subject);
  }

  believe(subject: string, isHeard: boolean): void {
    if (isHeard) this.#believed.add(subject);
    else this.#believed.delete(subject);
  }

  tell(subject: string, isHeard: boolean): void {
    this.carry(() => this.to.told(this.from, subject, isHeard));
  }

  /** Run at the other server. */
  carry(run: () => void): void {
    if (!this.#isOpen) return;
    const cuts = this.#cuts;
    this.#lane.send(null, () => {
      if (cuts === this.#cuts) run();
    });
  }

  cut(): void {
    this.#isOpen = false;
    this.#cuts += 1;
    this.#believed.clear();
  }

  /** The other server knows nothing of this one, and is told everything. */
  open(): void {
    this.#isOpen = true;
    for (const subject of this.from.subjects) this.tell(subject, true);
  }
}

/** Two servers that hear each other, unless they are parted. */
export class Neighbours {
  readonly both: readonly [BrokerServer, BrokerServer];
  readonly #routes: readonly [Route, Route];
  /** Faults that part them at present. */
  #partings = 0;

  constructor(one: BrokerServer, other: BrokerServer, newLane: () => Lane) {
    this.both = [one, other];
    this.#routes = [new Route(one, other, newLane()), new Route(other, one, newLane())];
  }

  part(): void {
    this.#partings += 1;
    for (const route of this.#routes) route.cut();
  }

  /** The opposite of a parting; `onTold` runs once each knows what the other hears. */
  reunite(onTold: () => void): void {
    this.#partings -= 1;
    if (this.#partings > 0) return;
    let told = 0;
    for (const route of this.#routes) {
      route.open();
      route.carry(() => {
        told += 1;
        if (told === this.#routes.length) onTold();
      });
    }
  }
}
