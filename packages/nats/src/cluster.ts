import type { NatsConnection } from './connection.ts';

/**
 * A server tells its clients of another before it knows what is subscribed to there, and the others
 * learn of a new connection a moment later. So long after it, what is claimed comes to all.
 */
const TOLD_MS = 1_000;

/** What a connection is told of the cluster its server is in. */
export class Cluster {
  readonly #connection: NatsConnection;
  readonly #healed: () => void;
  /** The servers that can be reached by way of ours. */
  #known: ReadonlySet<string>;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `healed` is called when others can be heard that could not, perhaps. */
  constructor(connection: NatsConnection, healed: () => void) {
    this.#connection = connection;
    this.#healed = healed;
    this.#known = this.#urls;
  }

  /** With gateways, too; but a leaf node does not tell that it is one, nor does its hub. */
  get isThere(): boolean {
    return this.#connection.info?.cluster !== undefined || this.#urls.size > 0;
  }

  /** There is a link: it and others that are as new may have missed each other. */
  opened(): void {
    if (this.isThere) this.#wait();
  }

  /** The server has told about itself and the others again. */
  updated(): void {
    const before = this.#known;
    this.#known = this.#urls;
    const onlyFewer = this.#known.size < before.size && isWithin(this.#known, before);
    // The same again is what is left of two updates that came at once.
    if (!onlyFewer) this.#wait();
  }

  over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  get #urls(): ReadonlySet<string> {
    return new Set(this.#connection.info?.connect_urls);
  }

  /** From the last news on: while servers come and go, few would hear. */
  #wait(): void {
    clearTimeout(this.#timer);
    if (!this.#isOver) this.#timer = setTimeout(this.#healed, TOLD_MS);
  }
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}
