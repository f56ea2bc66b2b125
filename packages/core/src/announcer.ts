import { SwarmError } from './errors.ts';
import { LATE_MS } from './machine/supervisor.ts';
import type { Runtime } from './runtime.ts';
import type { Link } from './swarm.ts';

/**
 * The longest that a broker may take to confirm a call, in ms. It may have to do the same for many
 * processes after it came back; that it still works is for the link's pings to say.
 */
export const CONFIRM_TIMEOUT_MS = 15_000;

/** What an announcer asks of its process. */
export interface AnnouncerHost {
  subjectOf(id: string): string;
  /** The ids can be reached by name: claim them. */
  announced(ids: readonly string[]): void;
  /** It cannot, and nobody waits who could be told. */
  refused(id: string): void;
  /** The link is over, or takes too long to be of use. */
  stuck(link: Link, cause: unknown): void;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Keeps the subjects of chosen ids subscribed: what is wanted, by what the present link holds. A
 * burst of announcements is one call of the adapter, and there is one call at a time, because a
 * withdrawal must not overtake the announcement after it.
 */
export class Announcer {
  readonly #host: AnnouncerHost;
  readonly #runtime: Runtime;
  readonly #perCallMax: number;
  readonly #wanted: Set<string> = new Set();
  readonly #held: Set<string> = new Set();
  /** Ids whose subject may not be as it is wanted. */
  readonly #dirty: Set<string> = new Set();
  readonly #waiters: Map<string, Waiter[]> = new Map();
  #link: Link | null = null;
  /** The link that subjects are being brought in order on. */
  #busy: Link | null = null;
  /** Cancels the patience with its present call. */
  #cancelTimer: (() => void) | null = null;

  constructor(host: AnnouncerHost, runtime: Runtime, perCallMax: number) {
    this.#host = host;
    this.#runtime = runtime;
    this.#perCallMax = perCallMax;
  }

  /**
   * Resolves when the id can be reached by name. Without a link it does so at once, and the next
   * link announces the id. Rejects with `internal` when the broker refuses.
   */
  announce(id: string): Promise<void> {
    this.#wanted.add(id);
    if (this.#link === null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(id);
      if (waiters === undefined) this.#waiters.set(id, [{ resolve, reject }]);
      else waiters.push({ resolve, reject });
      this.#mark(id);
    });
  }

  withdraw(id: string): void {
    this.#wanted.delete(id);
    if (this.#link !== null) this.#mark(id);
  }

  /** The subjects that the present link holds. */
  get held(): readonly string[] {
    return this.#subjects([...this.#held]);
  }

  /** Others may have come to own the same ids, without hearing that these are ours. */
  claimAgain(): void {
    const ids = [...this.#held].filter((id) => this.#wanted.has(id));
    if (ids.length > 0) this.#host.announced(ids);
  }

  up(link: Link): void {
    this.#link = link;
    for (const id of this.#wanted) this.#mark(id);
  }

  /** What the link held is gone with it. Nobody waits for the next one, which announces it all. */
  down(): void {
    this.#link = null;
    this.#cancelTimer?.();
    this.#held.clear();
    this.#dirty.clear();
    for (const id of [...this.#waiters.keys()]) this.#tell(id, (waiter) => waiter.resolve());
  }

  #mark(id: string): void {
    this.#dirty.add(id);
    const link = this.#link;
    if (link === null || this.#busy === link) return;
    this.#busy = link;
    void this.#run(link);
  }

  async #run(link: Link): Promise<void> {
    // A burst is one call.
    await null;
    while (this.#link === link && this.#dirty.size > 0) {
      const ids = this.#takeDirty();
      this.#arm(link);
      await this.#leave(link, ids);
      if (this.#link === link) await this.#hold(link, ids);
      if (this.#link === link) this.#cancelTimer?.();
    }
    if (this.#busy === link) this.#busy = null;
  }

  #arm(link: Link): void {
    const dueMs = this.#runtime.nowMs() + CONFIRM_TIMEOUT_MS;
    this.#cancelTimer = this.#runtime.setTimer(() => {
      // What we waited for may be among what came while we stood still.
      if (this.#runtime.nowMs() - dueMs >= LATE_MS) return this.#arm(link);
      this.#host.stuck(link, new Error('the broker does not confirm subscriptions'));
    }, CONFIRM_TIMEOUT_MS);
  }

  #takeDirty(): readonly string[] {
    const ids: string[] = [];
    for (const id of this.#dirty) {
      if (ids.length === this.#perCallMax) break;
      ids.push(id);
      this.#dirty.delete(id);
    }
    return ids;
  }

  async #leave(link: Link, ids: readonly string[]): Promise<void> {
    const leaving = ids.filter((id) => !this.#wanted.has(id) && this.#held.delete(id));
    if (leaving.length === 0) return;
    try {
      await link.unsubscribe(this.#subjects(leaving));
    } catch {
      // A link that cannot is about to be lost, and its subscriptions with it.
    }
  }

  async #hold(link: Link, ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => this.#wanted.has(id) && !this.#held.has(id));
    await this.#subscribe(link, missing);
    if (this.#link !== link) return;
    // What changed meanwhile comes next.
    const done = ids.filter((id) => !this.#dirty.has(id));
    for (const id of done) this.#tell(id, (waiter) => waiter.resolve());
    const announced = done.filter((id) => this.#wanted.has(id));
    if (announced.length > 0) this.#host.announced(announced);
  }

  /** What the broker refuses is found by halves, so that it is no trouble to the others. */
  async #subscribe(link: Link, ids: readonly string[]): Promise<void> {
    const [only, ...others] = ids;
    if (this.#link !== link || only === undefined) return;
    try {
      await link.subscribe(this.#subjects(ids));
      if (this.#link === link) for (const id of ids) this.#held.add(id);
    } catch (cause) {
      if (this.#link !== link) return;
      if (SwarmError.is(cause) && cause.subtype === 'closed') return this.#host.stuck(link, cause);
      if (others.length === 0) return this.#refused(only, cause);
      const middle = ids.length >> 1;
      await this.#subscribe(link, ids.slice(0, middle));
      await this.#subscribe(link, ids.slice(middle));
    }
  }

  #refused(id: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the id cannot be announced: ${reason}`;
    const error = new SwarmError(message, { subtype: 'internal', delivered: 'no', cause });
    this.#wanted.delete(id);
    if (this.#waiters.has(id)) this.#tell(id, (waiter) => waiter.reject(error));
    else this.#host.refused(id);
  }

  #tell(id: string, how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters.get(id) ?? [];
    this.#waiters.delete(id);
    for (const waiter of waiters) how(waiter);
  }

  #subjects(ids: readonly string[]): readonly string[] {
    return ids.map((id) => this.#host.subjectOf(id));
  }
}
