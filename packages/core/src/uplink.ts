import { Announcer, type AnnouncerHost } from './announcer.ts';
import { SwarmError } from './errors.ts';
import { LINK_TIMEOUT_MS, Supervisor, type SupervisorHost } from './machine/supervisor.ts';
import type { Runtime } from './runtime.ts';
import type { Link, LinkHost, Swarm } from './swarm.ts';
import { encodeSwarmFrame, frameTo } from './swarm-frame.ts';

/** What an uplink tells its process. */
export interface UplinkHost {
  subjectOf(id: string): string;
  receive(subject: string, payload: Uint8Array): void;
  undeliverable(token: number): void;
  pressure(epoch: number, on: boolean): void;
  /** There is a link, which others may use already. */
  opened(epoch: number): void;
  /** It works both ways. */
  up(epoch: number): void;
  /** There is no such link any more. */
  lost(epoch: number): void;
  /** After a link was up: this is why it no longer is. */
  down(cause: unknown): void;
  retrying(attempt: number, delayMs: number, cause: unknown): void;
  /** They can be reached by name; `isGradual` as links are. */
  announced(ids: readonly string[], isGradual: boolean): void;
  refused(id: string): void;
}

export interface UplinkConfig {
  readonly swarm: Swarm;
  readonly runtime: Runtime;
  readonly process: string;
  readonly inbox: string;
  /** Where all processes hear claims of many ids. */
  readonly claims: string;
  readonly frameBytesMax: number;
  readonly announcedPerCallMax: number;
}

/** The longest that a broker may take to hear that a process leaves, in ms. */
const LEAVE_TIMEOUT_MS = 1_000;

/** The way of a process into the swarm: the links that the supervisor wants, one after another. */
export class Uplink implements SupervisorHost, AnnouncerHost {
  readonly #host: UplinkHost;
  readonly #config: UplinkConfig;
  readonly #supervisor: Supervisor = new Supervisor(this);
  readonly #announcer: Announcer;
  #link: Link | null = null;
  #epoch = 0;
  #cancelAlarm: (() => void) | null = null;
  /** Attempts to dial, and links that are being closed. */
  readonly #unsettled: Set<Promise<void>> = new Set();
  /** Those who wait for the first link; null once there was one, or will not be. */
  #opening: { resolve(): void; reject(error: unknown): void } | null = null;

  constructor(host: UplinkHost, config: UplinkConfig) {
    this.#host = host;
    this.#config = config;
    this.#announcer = new Announcer(this, config.runtime, config.announcedPerCallMax);
  }

  get isReady(): boolean {
    return this.#supervisor.isReady;
  }

  /** Resolves when the swarm can be reached; rejects, for good, when it cannot at the first try. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#supervisor.start();
    });
  }

  announce(id: string): Promise<void> {
    return this.#announcer.announce(id);
  }

  withdraw(id: string): void {
    this.#announcer.withdraw(id);
  }

  publish(epoch: number, subject: string, payload: Uint8Array, token: number): void {
    try {
      if (this.#supervisor.isCurrent(epoch)) this.#link?.publish(subject, payload, token);
    } catch (cause) {
      // Adapters do not throw for what the core sends; one that does cannot be relied on.
      this.#supervisor.failed(epoch, cause);
    }
  }

  /** A ping of ours came in. */
  ponged(number: number): void {
    this.#supervisor.ponged(this.#epoch, number);
  }

  /** Be heard by nobody from now on, while what is on its way is still answered. */
  async leave(): Promise<void> {
    const link = this.#link;
    if (link === null) return;
    const leave = async () => link.unsubscribe([this.#config.inbox, ...this.#announcer.held]);
    // A link that cannot is closed next.
    await this.#atMost(LEAVE_TIMEOUT_MS, leave()).catch(() => {});
  }

  async close(): Promise<void> {
    const link = this.#link;
    this.#link = null;
    this.#supervisor.close();
    await link?.close();
    // A link that comes from now on is closed at once.
    while (this.#unsettled.size > 0) {
      const settled = Promise.all(this.#unsettled);
      if (!(await this.#atMost(LINK_TIMEOUT_MS, settled))) return;
    }
  }

  /** Whether it is done in time; without waiting longer than that. */
  async #atMost(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
    let giveUp = () => {};
    const late = new Promise<false>((resolve) => {
      giveUp = this.#config.runtime.setTimer(() => resolve(false), timeoutMs);
    });
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      giveUp();
    }
  }

  // SupervisorHost

  dial(epoch: number): void {
    const { swarm, inbox, frameBytesMax } = this.#config;
    this.#epoch = epoch;
    const host = new Epoch(this, epoch, inbox, frameBytesMax);
    // Async, so that an adapter that throws is one that rejects.
    const connect = async (): Promise<Link> => swarm.connect(host);
    const attempt = connect().then(
      (link) => this.#opened(epoch, link),
      (cause) => this.#supervisor.failed(epoch, cause),
    );
    this.#settle(attempt);
  }

  #settle(work: Promise<void>): void {
    this.#unsettled.add(work);
    void work.then(() => this.#unsettled.delete(work));
  }

  ping(epoch: number, number: number): void {
    const { process, inbox } = this.#config;
    const frame = frameTo('ping', process, '', number);
    this.publish(epoch, inbox, encodeSwarmFrame(frame), 0);
  }

  up(epoch: number): void {
    if (this.#link !== null) this.#announcer.up(this.#link);
    this.#host.up(epoch);
    this.#opening?.resolve();
    this.#opening = null;
  }

  down(_epoch: number, cause: unknown): void {
    this.#host.down(cause);
  }

  drop(epoch: number): void {
    const link = this.#link;
    this.#link = null;
    this.#announcer.down();
    this.#host.lost(epoch);
    if (link !== null) this.#settle(discard(link));
  }

  retrying(attempt: number, delayMs: number, cause: unknown): void {
    const opening = this.#opening;
    if (opening === null) return this.#host.retrying(attempt, delayMs, cause);
    this.#opening = null;
    this.#supervisor.close();
    opening.reject(SwarmError.is(cause) ? cause : unreachableBroker(this.#config.swarm, cause));
  }

  alarm(delayMs: number | null): void {
    const { runtime } = this.#config;
    this.#cancelAlarm?.();
    if (delayMs === null) {
      this.#cancelAlarm = null;
      return;
    }
    const dueMs = runtime.nowMs() + delayMs;
    const alarmed = () => this.#supervisor.alarmed(runtime.nowMs() - dueMs);
    this.#cancelAlarm = runtime.setTimer(alarmed, delayMs);
  }

  random(): number {
    const [byte = 0, fine = 0] = this.#config.runtime.randomBytes(2);
    return (byte * 256 + fine) / 65_536;
  }

  // AnnouncerHost

  subjectOf(id: string): string {
    return this.#host.subjectOf(id);
  }

  announced(ids: readonly string[]): void {
    this.#host.announced(ids, this.#link?.isGradual ?? false);
  }

  refused(id: string): void {
    this.#host.refused(id);
  }

  stuck(link: Link, cause: unknown): void {
    if (this.#link === link) this.#supervisor.failed(this.#epoch, cause);
  }

  // What the links say.

  /** The process, for as long as the link of this epoch counts. */
  hostOf(epoch: number): UplinkHost | null {
    return this.#supervisor.isCurrent(epoch) ? this.#host : null;
  }

  healed(epoch: number): void {
    if (this.#supervisor.isCurrent(epoch)) this.#announcer.claimAgain();
  }

  lost(epoch: number, cause: unknown): void {
    this.#supervisor.failed(epoch, cause);
  }

  async #opened(epoch: number, link: Link): Promise<void> {
    if (!this.#supervisor.isCurrent(epoch)) return this.#settle(discard(link));
    this.#link = link;
    this.#host.opened(epoch);
    try {
      await link.subscribe([this.#config.claims]);
      this.#supervisor.opened(epoch);
    } catch (cause) {
      this.#supervisor.failed(epoch, cause);
    }
  }
}

/** What one link tells; a link that is over, or was never wanted, tells nobody. */
class Epoch implements LinkHost {
  readonly inbox: string;
  readonly frameBytesMax: number;
  readonly #uplink: Uplink;
  readonly #epoch: number;

  constructor(uplink: Uplink, epoch: number, inbox: string, frameBytesMax: number) {
    this.#uplink = uplink;
    this.#epoch = epoch;
    this.inbox = inbox;
    this.frameBytesMax = frameBytesMax;
  }

  deliver(subject: string, payload: Uint8Array): void {
    this.#uplink.hostOf(this.#epoch)?.receive(subject, payload);
  }

  undeliverable(token: number): void {
    this.#uplink.hostOf(this.#epoch)?.undeliverable(token);
  }

  pressure(on: boolean): void {
    this.#uplink.hostOf(this.#epoch)?.pressure(this.#epoch, on);
  }

  healed(): void {
    this.#uplink.healed(this.#epoch);
  }

  lost(cause: unknown): void {
    this.#uplink.lost(this.#epoch, cause);
  }
}

/** Close a link that is of no use any more, whatever its end is like. */
async function discard(link: Link): Promise<void> {
  try {
    await link.close();
  } catch {
    // There is nothing left that it could spoil.
  }
}

function unreachableBroker(swarm: Swarm, cause: unknown): SwarmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${swarm.name}: no link to the swarm: ${reason}`;
  return new SwarmError(message, { subtype: 'closed', delivered: 'no', cause });
}
