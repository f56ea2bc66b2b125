import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Link, LinkHost } from '@swarm/core';
import { Backlog } from './backlog.ts';
import { Cluster } from './cluster.ts';
import type { NatsCallback, NatsConnection, NatsStatus, NatsSubscription } from './connection.ts';
import { failure } from './failure.ts';

/** From a connection to the confirmed inbox. */
const OPEN_TIMEOUT_MS = 3_000;
/** What was published before a close has so long to leave. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * What a connection says when it is lost, or when it comes back by itself. A server in lame duck
 * mode is none of that: it serves until it ends the connection.
 */
const ENDS: ReadonlySet<string> = new Set([
  ...['disconnect', 'staleConnection', 'reconnecting', 'reconnect'],
  ...['forceReconnect', 'client initiated reconnect'],
]);

/** What the contract allows. Anything else may be a pattern or, by `nats` 2, a command. */
const SUBJECT = /^[\w=.-]+$/;

export interface LinkConfig {
  readonly host: LinkHost;
  /** The broker, as errors name it. */
  readonly place: string;
  readonly frameBytesMax: number;
  readonly inboxPrefix: string;
}

/**
 * One connection, one epoch. A token travels as the last part of the reply subject, below a prefix
 * that nobody can guess: there the server says 503 when nobody hears what was published.
 */
export class NatsLink implements Link {
  readonly isGradual: boolean;
  readonly #connection: NatsConnection;
  readonly #config: LinkConfig;
  readonly #host: LinkHost;
  readonly #verdicts: string;
  readonly #backlog: Backlog;
  readonly #cluster: Cluster;
  readonly #heard: Map<string, NatsSubscription> = new Map();
  /** What ends the waiting of those who wait for the server. */
  readonly #waiting: Set<(cause: unknown) => void> = new Set();
  #state: 'opening' | 'open' | 'over' = 'opening';
  #cause: unknown = null;
  /** Calls of `subscribe` under way, and what the server found wrong meanwhile. */
  #subscribing = 0;
  #complaint: Error | null = null;
  #closed: Promise<void> | null = null;

  constructor(connection: NatsConnection, config: LinkConfig) {
    this.#connection = connection;
    this.#config = config;
    this.#host = config.host;
    this.#verdicts = `${config.inboxPrefix}.${randomBytes(12).toString('base64url')}.`;
    const press = (on: boolean) => this.#state !== 'over' && this.#host.pressure(on);
    this.#backlog = new Backlog(() => this.#confirmed(), press);
    this.#cluster = new Cluster(connection, () => this.#state === 'open' && this.#host.healed());
    this.isGradual = this.#cluster.isThere;
  }

  /** Rejects with what prevented it, and leaves nothing behind then. */
  async open(): Promise<void> {
    const timer = setTimeout(() => this.#end(lateError(OPEN_TIMEOUT_MS)), OPEN_TIMEOUT_MS);
    try {
      this.#watch();
      this.#checkServer();
      this.#connection.subscribe(`${this.#verdicts}*`, { callback: this.#onVerdict });
      await this.subscribe([this.#host.inbox]);
      if (this.#state === 'opening') this.#state = 'open';
      this.#cluster.opened();
    } catch (cause) {
      this.#end(cause);
    } finally {
      clearTimeout(timer);
    }
    if (this.#state === 'over') throw this.#cause;
  }

  /** All of them or none. */
  async subscribe(subjects: readonly string[]): Promise<void> {
    for (const subject of subjects) checkSubject(subject);
    const added = subjects.filter((subject) => !this.#heard.has(subject));
    this.#subscribing += 1;
    try {
      for (const subject of added) this.#hear(subject);
      await this.#confirmed();
      // What the server complained of came before, but takes longer from the socket to here.
      await nextTurn();
      if (this.#complaint !== null) throw this.#complaint;
    } catch (cause) {
      for (const subject of added) this.#leave(subject);
      throw failure(this.#config.place, 'no', cause);
    } finally {
      this.#subscribing -= 1;
      if (this.#subscribing === 0) this.#complaint = null;
    }
  }

  async unsubscribe(subjects: readonly string[]): Promise<void> {
    for (const subject of subjects) this.#leave(subject);
    await this.#confirmed();
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    const { length } = payload;
    if (length > this.#config.frameBytesMax) throw new TypeError(`over frameBytesMax: ${length}`);
    checkSubject(subject);
    if (this.#state === 'over') return;
    try {
      const options = token === 0 ? undefined : { reply: this.#verdicts + token.toString(36) };
      this.#connection.publish(subject, payload, options);
    } catch (cause) {
      // Others have closed it, or drain it, or its server takes less than it did.
      queueMicrotask(() => this.#end(cause));
    }
    this.#backlog.add(subject.length + length);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const flushed = this.#confirmed();
    this.#state = 'over';
    this.#cluster.over();
    const timer = setTimeout(() => this.#abandon(lateError(CLOSE_TIMEOUT_MS)), CLOSE_TIMEOUT_MS);
    // Without an answer, some of what was published may be lost.
    await flushed.catch(() => {});
    clearTimeout(timer);
    await this.#connection.close();
  }

  #watch(): void {
    const over = (cause: unknown) => this.#end(cause ?? new Error('the connection was closed'));
    this.#connection.closed().then(over, over);
    this.#readStatus().catch(over);
  }

  async #readStatus(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (ENDS.has(status.type)) this.#end(new Error(`the connection was lost: ${status.type}`));
      if (status.type === 'error') this.#readError(status);
      if (status.type === 'update') this.#cluster.updated();
    }
  }

  /**
   * A refused subscription is told to its own callback. Of what is published, only what goes to
   * oneself matters: without it the core never uses the link.
   */
  #readError({ error, data, permissionContext }: NatsStatus): void {
    const { operation, subject } = permissionContext ?? error ?? {};
    const complaint = error ?? new Error([data, operation, subject].join(' ').trimEnd());
    if (operation === undefined) this.#complain(complaint);
    else if (operation === 'publish' && subject === this.#host.inbox) this.#end(complaint);
  }

  /** If nothing is being subscribed to, something was taken back, or the connection ends. */
  #complain(complaint: Error): void {
    if (this.#subscribing > 0) this.#complaint = complaint;
    else this.#end(complaint);
  }

  #checkServer(): void {
    const { max_payload: takes = 0, headers = false } = this.#connection.info ?? {};
    const wants = this.#host.frameBytesMax;
    if (takes < wants) throw new Error(`its max_payload of ${takes} is under ${wants} bytes`);
    if (!headers) throw new Error('without headers, it cannot say that nobody listens');
  }

  #hear(subject: string): void {
    if (this.#heard.has(subject)) return;
    const callback: NatsCallback = (error, { data }) => {
      if (error !== null) this.#complain(error);
      else if (this.#state !== 'over') this.#host.deliver(subject, data);
    };
    this.#heard.set(subject, this.#connection.subscribe(subject, { callback }));
  }

  #leave(subject: string): void {
    this.#heard.get(subject)?.unsubscribe();
    this.#heard.delete(subject);
  }

  readonly #onVerdict: NatsCallback = (error, { subject, data, headers }) => {
    if (error !== null) return this.#complain(error);
    if (this.#state === 'over' || data.length > 0 || headers?.code !== 503) return;
    const token = Number.parseInt(subject.slice(this.#verdicts.length), 36);
    if (token > 0) this.#host.undeliverable(token);
  };

  /** Resolves when the server has handled all that was sent until now. */
  #confirmed(): Promise<void> {
    return new Promise((resolve, reject) => {
      const abandon = (cause: unknown) => reject(failure(this.#config.place, 'no', cause));
      this.#waiting.add(abandon);
      const flushed = this.#connection.flush().then(resolve, abandon);
      void flushed.finally(() => this.#waiting.delete(abandon));
    });
  }

  #abandon(cause: unknown): void {
    for (const abandon of this.#waiting) abandon(cause);
    this.#waiting.clear();
  }

  #end(cause: unknown): void {
    this.#abandon(cause);
    if (this.#state === 'over') return;
    const wasOpen = this.#state === 'open';
    this.#state = 'over';
    this.#cluster.over();
    this.#cause = this.#complaint ?? cause;
    // There is nothing left that it could fail at.
    this.#closed = this.#connection.close().catch(() => {});
    if (wasOpen) this.#host.lost(failure(this.#config.place, 'unknown', this.#cause));
  }
}

function checkSubject(subject: string): void {
  if (!SUBJECT.test(subject)) throw new TypeError(`no subject: ${JSON.stringify(subject)}`);
}

function lateError(timeoutMs: number): Error {
  return new Error(`no answer within ${timeoutMs} ms`);
}
