import type { Link, LinkHost } from '@swarm/core';
import type { Broker } from './broker.ts';
import type { BrokerServer } from './broker-server.ts';
import type { End } from './end.ts';
import { Lane } from './lane.ts';

/** What a platform that gets no answer does by itself, every so many ms. */
const RETRY_MS = 150;

/** Of what is asked of a broker that does not hear, so much gets lost. */
const LOST_SHARE = 0.2;

/** Of connections that were cut off, so many are closed by a reset, late by up to so many ms. */
const RESET_SHARE = 0.5;
const RESET_MS = 300;

/** One connection of a process to the model broker. */
export class ModelLink implements Link {
  readonly end: End;
  /** Index of the process, the same for all that take each other's place. */
  readonly process: number;
  /** No two links have the same. */
  readonly number: number;
  /** Of the broker, the one it is at. */
  readonly server: BrokerServer;
  readonly isGradual: boolean;
  /** What the broker sends to it. */
  readonly subjects: Set<string> = new Set();
  readonly #broker: Broker;
  readonly #host: LinkHost;
  readonly #up: Lane;
  readonly #control: Lane;
  readonly #down: Lane;
  /** Calls that wait for the broker, and how they fail. */
  readonly #waiting: Set<(error: Error) => void> = new Set();
  /** Whether its process was given it. */
  #isGiven = false;
  /** Whether the process may be told of anything. */
  #isOpen = true;
  /** Told when it is closed; null for as long as the process has not asked for that. */
  #closed: (() => void) | null = null;
  /** Whether what is on its way still arrives. */
  #isWhole = true;
  /** Whether dialing took long, so that it may come too late. */
  #wasHeldUp = false;
  /** Whether it is known to work both ways. */
  #hasDelivered = false;
  /** Whether all has arrived so far, so that nobody has a reason to give it up. */
  #isSound = true;

  constructor(
    broker: Broker,
    host: LinkHost,
    end: End,
    place: Pick<ModelLink, 'process' | 'number' | 'server'>,
  ) {
    const { timeline, random, config, conditions } = broker;
    const lane = () => new Lane(timeline, random, config.latency, conditions);
    this.#broker = broker;
    this.#host = host;
    this.end = end;
    this.process = place.process;
    this.number = place.number;
    this.server = place.server;
    this.isGradual = broker.isGradual;
    this.#up = lane();
    this.#control = config.hasControlLane ? lane() : this.#up;
    this.#down = lane();
  }

  /** Resolves when the broker has let us in, however late; what is cut off is tried again. */
  open(admit: () => boolean): Promise<Link> {
    return new Promise((resolve, reject) => {
      const come = (isIn: boolean) => {
        if (this.#isDeaf) return this.#retry(this.end, () => come(isIn));
        this.#broker.dialing.delete(this);
        if (isIn) {
          this.#isGiven = true;
          this.#broker.opened(this);
          return resolve(this);
        }
        this.#isOpen = false;
        reject(new Error('connection refused'));
      };
      const go = () => {
        if (this.#isMute) return this.#retry(null, go);
        const isIn = !this.end.isDead && admit();
        this.#down.send(this.end, () => come(isIn));
      };
      this.#broker.dialing.add(this);
      this.#up.send(null, go);
    });
  }

  /** Whether its process has it, and has not closed it. */
  get isHeld(): boolean {
    return this.#isGiven && this.#isOpen && this.#closed === null && !this.end.isDead;
  }

  hear(subjects: readonly string[]): void {
    for (const subject of subjects) {
      this.subjects.add(subject);
      this.server.hear(this, subject);
    }
  }

  subscribe(subjects: readonly string[]): Promise<void> {
    return this.#ask(() => {
      if (this.#broker.conditions.refuses) {
        // Without the names of nodes a link is of use all the same.
        if (subjects.some((subject) => !subject.includes('.n.'))) this.spoil();
        return false;
      }
      this.hear(subjects);
      return true;
    });
  }

  unsubscribe(subjects: readonly string[]): Promise<void> {
    return this.#ask(() => {
      for (const subject of subjects) {
        if (this.subjects.delete(subject)) this.server.unhear(this, subject);
      }
      return true;
    });
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    if (!this.#isOpen || this.#closed !== null) return;
    const { config, watcher } = this.#broker;
    if (payload.length > config.frameBytesMax) throw new TypeError('over frameBytesMax');
    watcher.published(this, subject, payload);
    this.#up.send(null, () => {
      if (this.#isMute) this.spoil();
      else if (this.#isWhole) this.#broker.arrived(this, subject, payload, token);
    });
  }

  /** What was published before leaves, and until it resolves anything may still come. */
  close(): Promise<void> {
    if (this.#closed !== null || !this.#isOpen) return Promise.resolve();
    const isLate = this.#wasHeldUp && !this.#hasDelivered;
    if (this.#isSound && !isLate) this.#broker.watcher.givenUp(this);
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#fail();
      this.#up.send(null, () => this.#leave());
    });
  }

  // What the broker does with it.

  deliver(subject: string, payload: Uint8Array): void {
    this.#broker.watcher.sent(this, payload);
    this.#down.send(this.end, () => this.#arrive(subject, payload));
  }

  /** The same, if it is still due when it arrives. */
  inject(subject: string, payload: Uint8Array, isDue: () => boolean): void {
    this.#down.send(this.end, () => {
      if (isDue()) this.#arrive(subject, payload);
    });
  }

  /** Overtaken by others, or overtaking them. */
  stray(subject: string, payload: Uint8Array, delayMs: number): void {
    this.#down.stray(this.end, () => this.#arrive(subject, payload), delayMs);
  }

  undeliverable(token: number): void {
    this.#down.send(this.end, () => {
      if (this.#isOpen && !this.#isDeaf) this.#host.undeliverable(token);
    });
  }

  /** Told by the client library, from what it cannot write: no message can get lost on the way. */
  press(on: boolean): void {
    this.#down.send(this.end, () => {
      if (this.#isOpen) this.#host.pressure(on);
    });
  }

  /** Its server and another one had lost each other, and no longer have. */
  reunited(): void {
    this.#down.send(this.end, () => {
      if (!this.#isDeaf) this.heal();
    });
  }

  heal(): void {
    if (!this.isHeld) return;
    this.#broker.watcher.healed(this);
    this.#host.healed();
  }

  /** The connection breaks. What is on its way to the process may arrive before it knows. */
  break(cause: Error): void {
    this.cut();
    if (this.#broker.random.chance(0.5)) this.#down.send(this.end, () => this.#lose(cause));
    else this.#down.stray(this.end, () => this.#lose(cause), 0);
  }

  /** For the broker, it is over. */
  cut(): void {
    this.#isWhole = false;
    this.spoil();
    this.#broker.forget(this);
  }

  /** Something has got lost: there may be reason to give it up. */
  spoil(): void {
    this.#isSound = false;
  }

  #retry(end: End | null, run: () => void): void {
    this.#wasHeldUp = true;
    this.#up.stray(end, run, RETRY_MS);
  }

  /** The broker hears that it is closed, or has forgotten it already. */
  #leave(): void {
    if (this.#isMute) return this.#up.stray(null, () => this.#leave(), RETRY_MS);
    const { random } = this.#broker;
    const wasCutOff = !this.#isSound;
    this.cut();
    if (!wasCutOff || !random.chance(RESET_SHARE)) {
      return this.#down.send(this.end, () => this.#end());
    }
    const reset = () => this.#lose(new Error('connection reset'));
    this.#down.stray(this.end, reset, random.between(0, RESET_MS));
  }

  #lose(cause: Error): void {
    if (!this.#isOpen) return;
    this.#host.lost(cause);
    this.#end();
  }

  #end(): void {
    this.#isOpen = false;
    this.#fail();
    this.#closed?.();
  }

  get #isMute(): boolean {
    return this.#broker.conditions.isMute(this.process);
  }

  get #isDeaf(): boolean {
    return this.#broker.conditions.isDeaf(this.process);
  }

  #arrive(subject: string, payload: Uint8Array): void {
    if (this.#isDeaf) this.spoil();
    if (!this.#isOpen || this.#isDeaf) return;
    this.#hasDelivered = this.#isGiven;
    this.#broker.watcher.delivered(this, payload);
    this.#host.deliver(subject, payload);
  }

  /** Let the broker do something, and settle when it says whether it has. */
  #ask(what: () => boolean): Promise<void> {
    if (!this.#isOpen || this.#closed !== null) {
      return Promise.reject(this.#broker.config.closedError());
    }
    return new Promise((resolve, reject) => {
      const go = () => {
        if (!this.#isWhole) return;
        if (this.#isMute) return this.#askAgain(go);
        const isDone = what();
        this.#down.send(this.end, () => {
          if (!this.#isOpen || this.#isDeaf) return this.spoil();
          this.#waiting.delete(reject);
          if (isDone) resolve();
          else reject(new Error('not permitted'));
        });
      };
      this.#waiting.add(reject);
      this.#control.send(null, go);
    });
  }

  /** What did not get through is said again, in order, unless it got lost for good. */
  #askAgain(run: () => void): void {
    this.spoil();
    if (this.#broker.random.chance(LOST_SHARE)) return;
    this.#control.hold(this.#broker.timeline.nowMs + RETRY_MS);
    this.#control.send(null, run);
  }

  #fail(): void {
    for (const reject of this.#waiting) reject(this.#broker.config.closedError());
    this.#waiting.clear();
  }
}
