import type { Link, LinkHost, Swarm } from '@swarm/core';
import type { Waiting } from './clauses/waiting.ts';

/** A message as a host heard it. */
export interface Heard {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** What fences begin with: no clause sends anything like it. */
const FENCE = '\0fence ';
/** The same of what is published until it is heard, and the least of its tokens. */
const MEETING = '\0meeting ';
const MEETING_TOKEN_MIN = 2 ** 52;
let meetings = 0;

/** One link, and everything that its host was told. */
export class Station implements LinkHost {
  readonly inbox: string;
  readonly frameBytesMax: number;
  /** Messages in the order of their arrival, without fences. */
  readonly heard: Heard[] = [];
  readonly verdicts: number[] = [];
  readonly pressures: boolean[] = [];
  readonly losses: unknown[] = [];
  /** Subjects of what came before the publish it came from was over. */
  readonly early: string[] = [];
  /** What to do with a message beyond writing it down. */
  onHeard: (heard: Heard) => void = () => {};
  readonly #waiting: Waiting;
  /** Every station of its bench, itself among them. */
  readonly #stations: readonly Station[];
  readonly #fences: Set<string> = new Set();
  #link: Link | null = null;
  #fencesSent = 0;
  #isClosed = false;
  #isAbandoned = false;
  #calls = 0;
  #callsSinceLoss = 0;
  /** What to do when somebody who is to be met does not hear it yet, by tokens. */
  readonly #meetings: Map<number, () => void> = new Map();
  /** Tokens of those that were heard. */
  readonly #met: Set<number> = new Set();

  constructor(
    inbox: string,
    frameBytesMax: number,
    waiting: Waiting,
    stations: readonly Station[],
  ) {
    this.inbox = inbox;
    this.frameBytesMax = frameBytesMax;
    this.#waiting = waiting;
    this.#stations = stations;
  }

  // LinkHost

  deliver(subject: string, payload: Uint8Array): void {
    const meeting = wordOf(MEETING, payload);
    if (meeting !== null) return this.#onMeeting(Number(meeting));
    const fence = wordOf(FENCE, payload);
    if (fence === null) {
      const heard = { subject, payload };
      if (publishing.size > 0) this.early.push(subject);
      this.heard.push(heard);
      this.onHeard(heard);
    } else {
      this.#fences.add(fence);
    }
    this.#called();
  }

  undeliverable(token: number): void {
    const missed = this.#meetings.get(token);
    if (missed !== undefined) return missed();
    this.verdicts.push(token);
    this.#called();
  }

  pressure(on: boolean): void {
    this.pressures.push(on);
    this.#called();
  }

  healed(): void {
    this.#called();
  }

  lost(cause: unknown): void {
    this.losses.push(cause);
    this.#called();
  }

  /** How often the host was called, for whatever. */
  get calls(): number {
    return this.#calls;
  }

  /** The loss itself among them. */
  get callsSinceLoss(): number {
    return this.#callsSinceLoss;
  }

  #called(): void {
    this.#calls += 1;
    if (this.losses.length > 0) this.#callsSinceLoss += 1;
    this.#waiting.happened();
  }

  // Link

  /** Whether what others publish to its inbox arrives. */
  get isListening(): boolean {
    return this.isOpen && this.losses.length === 0 && !this.#isClosed;
  }

  get isOpen(): boolean {
    return this.#link !== null;
  }

  /** In its own time: whoever wants it soon has to say so. */
  async connect(swarm: Swarm): Promise<void> {
    const link = await swarm.connect(this);
    if (this.#isAbandoned) return link.close();
    this.#link = link;
    await this.#meetAll();
  }

  /** Ends the link, now or as soon as it is there. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    if (this.isOpen) await this.close();
  }

  async subscribe(...subjects: readonly string[]): Promise<void> {
    await this.#inTime(this.link.subscribe(subjects), 'subscribe resolves');
    await this.#meetAll();
  }

  async unsubscribe(...subjects: readonly string[]): Promise<void> {
    await this.#inTime(this.link.unsubscribe(subjects), 'unsubscribe resolves');
    await this.#meetAll();
  }

  publish(subject: string, message: string | Uint8Array, token = 0): void {
    const payload = typeof message === 'string' ? new TextEncoder().encode(message) : message;
    publishing.add(this);
    try {
      this.link.publish(subject, payload, token);
    } finally {
      publishing.delete(this);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#inTime(this.link.close(), 'close resolves');
  }

  /** The link itself. */
  get link(): Link {
    if (this.#link === null) throw new Error(`${this.inbox} is not connected`);
    return this.#link;
  }

  // Asking and waiting

  /** What was heard, as texts; of one subject, or all. */
  texts(subject?: string): string[] {
    const wanted = this.heard.filter((heard) => subject === undefined || heard.subject === subject);
    return wanted.map(({ payload }) => textOf(payload));
  }

  /** Resolves once so many messages were heard. */
  hears(count: number): Promise<void> {
    return this.until(
      () => `${this.inbox} hears ${count} messages, and not ${this.heard.length}`,
      () => this.heard.length >= count,
    );
  }

  /** Resolves once the promise is settled, either way. */
  async settles(promise: Promise<unknown>): Promise<void> {
    await this.#waiting.settled(promise, () => `a promise of ${this.inbox} is settled`);
  }

  until(what: () => string, isSo: () => boolean): Promise<void> {
    return this.#waiting.until(what, isSo);
  }

  /**
   * Resolves once a message published now has arrived at the inbox of `to`. What was published
   * before it, and has not arrived by then, does not come any more: one link has one connection.
   */
  async fence(to: Station = this): Promise<void> {
    this.#fencesSent += 1;
    const fence = `${this.#fencesSent} of ${this.inbox}`;
    this.publish(to.inbox, `${FENCE}${fence}`);
    await this.until(
      () => `a message from ${this.inbox} arrives at ${to.inbox}`,
      () => to.#fences.has(fence),
    );
  }

  /**
   * Where servers tell each other in their own time: resolves once all the others have heard from
   * this link, so that they know what it subscribes to.
   */
  async #meetAll(): Promise<void> {
    if (this.#link?.isGradual !== true) return;
    const others = this.#stations.filter((other) => other !== this && other.isListening);
    for (const other of others) {
      await this.#meet(other);
      // A new one does not know of them either.
      await other.#meet(this);
    }
  }

  /** Says it again for as long as nobody hears it. */
  async #meet(other: Station): Promise<void> {
    meetings += 1;
    const token = MEETING_TOKEN_MIN + meetings;
    const say = () => this.publish(other.inbox, `${MEETING}${token}`, token);
    this.#meetings.set(token, say);
    say();
    await this.until(
      () => `${this.inbox} and ${other.inbox} know of each other`,
      () => other.#met.has(token) || !this.isListening || !other.isListening,
    );
    this.#meetings.delete(token);
  }

  /** Somebody else with the same inbox may be the one who should have heard it. */
  #onMeeting(token: number): void {
    this.#met.add(token);
    this.#waiting.happened();
    this.#meetings.get(token)?.();
  }

  #inTime<T>(promise: Promise<T>, what: string): Promise<T> {
    return this.#waiting.within(promise, () => `${what} for ${this.inbox}`);
  }
}

/** Those within a `publish` of theirs; of all benches, since whatever happens meanwhile is its doing. */
const publishing: Set<Station> = new Set();

export function textOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

/** What comes behind this beginning; null for a payload that has another one. */
function wordOf(beginning: string, payload: Uint8Array): string | null {
  if (payload[0] !== 0 || payload.length > 512) return null;
  const text = textOf(payload);
  return text.startsWith(beginning) ? text.slice(beginning.length) : null;
}
