import type { Link, LinkHost } from '@swarm/core';
import type { Broker } from './broker.ts';
import type { End } from './end.ts';
import { Lane } from './lane.ts';

/** One connection of a process to the model broker. */
export class ModelLink implements Link {
  readonly end: End;
  /** Index of the process, the same for all that take each other's place. */
  readonly process: number;
  /** No two links have the same. */
  readonly number: number;
  /** What the broker sends to it. */
  readonly subjects: Set<string> = new Set();
  readonly #broker: Broker;
  readonly #host: LinkHost;
  readonly #up: Lane;
  readonly #control: Lane;
  readonly #down: Lane;
  /** Calls that wait for the broker, and how they fail. */
  readonly #waiting: Set<(error: Error) => void> = new Set();
  /** Whether the process may be told of anything. */
  #isOpen = true;
  /** Whether what is on its way still arrives. */
  #isWhole = true;

  constructor(
    broker: Broker,
    host: LinkHost,
    end: End,
    { process, number }: { readonly process: number; readonly number: number },
  ) {
    const { timeline, random, config, conditions } = broker;
    const lane = () => new Lane(timeline, random, config.latency, conditions);
    this.#broker = broker;
    this.#host = host;
    this.end = end;
    this.process = process;
    this.number = number;
    this.#up = lane();
    this.#control = config.hasControlLane ? lane() : this.#up;
    this.#down = lane();
  }

  /** Resolves when the broker has let us in, and what came with that has come back. */
  open(admit: () => boolean): Promise<Link> {
    return new Promise((resolve, reject) => {
      this.#up.send(null, () => {
        if (this.#isMute || this.end.isDead) return;
        const isIn = admit();
        this.#down.send(this.end, () => {
          // The process gives up on it, and the broker will notice.
          if (this.#isDeaf) {
            this.#isOpen = false;
            return this.#broker.abandoned(this);
          }
          if (isIn) resolve(this);
          else reject(new Error('connection refused'));
        });
      });
    });
  }

  /** Whether its process has it, and has not closed it. */
  get isHeld(): boolean {
    return this.#isOpen && !this.end.isDead;
  }

  hear(subjects: readonly string[]): void {
    for (const subject of subjects) {
      this.subjects.add(subject);
      this.#broker.hear(this, subject);
    }
  }

  subscribe(subjects: readonly string[]): Promise<void> {
    return this.#ask(() => {
      if (this.#broker.conditions.refuses) return false;
      this.hear(subjects);
      return true;
    });
  }

  unsubscribe(subjects: readonly string[]): Promise<void> {
    return this.#ask(() => {
      for (const subject of subjects) {
        if (this.subjects.delete(subject)) this.#broker.unhear(this, subject);
      }
      return true;
    });
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    if (!this.#isOpen) return;
    const { config, watcher } = this.#broker;
    if (payload.length > config.frameBytesMax) throw new TypeError('over frameBytesMax');
    watcher.published(this, subject, payload);
    this.#up.send(null, () => {
      if (this.#isWhole && !this.#isMute) this.#broker.arrived(this, subject, payload, token);
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#fail();
    // What was published before leaves; the broker learns of the end behind it.
    this.#up.send(null, () => this.cut());
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

  /** The connection breaks. What is on its way to the process may arrive before it knows. */
  break(cause: Error): void {
    this.cut();
    const lost = () => {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      this.#host.lost(cause);
      this.#fail();
    };
    if (this.#broker.random.chance(0.5)) this.#down.send(this.end, lost);
    else this.#down.stray(this.end, lost, 0);
  }

  /** For the broker, it is over. */
  cut(): void {
    this.#isWhole = false;
    this.#broker.forget(this);
  }

  get #isMute(): boolean {
    return this.#broker.conditions.isMute(this.process);
  }

  get #isDeaf(): boolean {
    return this.#broker.conditions.isDeaf(this.process);
  }

  #arrive(subject: string, payload: Uint8Array): void {
    if (!this.#isOpen || this.#isDeaf) return;
    this.#broker.watcher.delivered(this, payload);
    this.#host.deliver(subject, payload);
  }

  /** Let the broker do something, and settle when it says whether it has. */
  #ask(what: () => boolean): Promise<void> {
    if (!this.#isOpen) return Promise.reject(this.#broker.config.closedError());
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#control.send(null, () => {
        if (!this.#isWhole || this.#isMute) return;
        const isDone = what();
        this.#down.send(this.end, () => {
          if (!this.#isOpen || this.#isDeaf) return;
          this.#waiting.delete(reject);
          if (isDone) resolve();
          else reject(new Error('not permitted'));
        });
      });
    });
  }

  #fail(): void {
    for (const reject of this.#waiting) reject(this.#broker.config.closedError());
    this.#waiting.clear();
  }
}
