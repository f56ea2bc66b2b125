/** What an adapter promises: the conformance kit's skip list and the user's documentation. */
export interface Capabilities {
  /** Greatest payload it carries, in bytes. Less than `swarmFrameBytesMax` is refused at start. */
  readonly frameBytesMax: number;
  /** Whether a publish that nobody hears is reported as {@link LinkHost.undeliverable}. */
  readonly detectsNoReceiver: boolean;
}

/**
 * A broker, as an adapter shows it to the core. The adapter carries bytes, translates and
 * reports; correlation, deadlines, retries and routing happen above it, once.
 *
 * @example A swarm that reaches only itself, complete:
 * ```ts
 * const loopback: Swarm = {
 *   name: 'loopback',
 *   capabilities: { frameBytesMax: Number.MAX_SAFE_INTEGER, detectsNoReceiver: true },
 *   async connect(host) {
 *     const heard = new Set<string>([host.inbox]);
 *     let open = true;
 *     return {
 *       async subscribe(subjects) { for (const subject of subjects) heard.add(subject); },
 *       async unsubscribe(subjects) { for (const subject of subjects) heard.delete(subject); },
 *       publish(subject, payload, token) {
 *         setImmediate(() => {
 *           if (!open) return;
 *           if (heard.has(subject)) host.deliver(subject, payload);
 *           else if (token !== 0) host.undeliverable(token);
 *         });
 *       },
 *       async close() { open = false; },
 *     };
 *   },
 * };
 * ```
 */
export interface Swarm {
  readonly name: string;
  readonly capabilities: Capabilities;
  /**
   * Dial the broker and subscribe to the host's inbox.
   *
   * Rejects when that cannot be done, or when the broker carries less than `host.frameBytesMax`.
   * The core dials again, and gives up waiting by itself; a link that comes too late it closes.
   */
  connect(host: LinkHost): Promise<Link>;
}

/** Makes swarms of the brokers whose URLs begin with one of `schemes`, such as `redis:`. */
export interface SwarmFactory {
  (url: string): Swarm;
  readonly schemes: readonly string[];
}

/** The core's side of one link. None of these throw. */
export interface LinkHost {
  /** The one subject to hear from the first moment on. */
  readonly inbox: string;
  /** Greatest payload it is going to publish, in bytes. */
  readonly frameBytesMax: number;
  /** A message arrived. The bytes must stay valid and unchanged. */
  deliver(subject: string, payload: Uint8Array): void;
  /** Nobody heard the publish with this token: the only verdict there is, silence means nothing. */
  undeliverable(token: number): void;
  /** The broker pushes back, or no longer does. */
  pressure(on: boolean): void;
  /** Links that were parted, of servers that had lost each other, hear each other from now on. */
  healed(): void;
  /** The link is over without having been closed. At most once, and the last that is said. */
  lost(cause: unknown): void;
}

/** One connection to a broker. It is never revived: a library's own reconnect must be off. */
export interface Link {
  /**
   * Whether its servers tell each other in their own time what is subscribed to and what no longer
   * is. Then only those who have heard something that this link published after such a change are
   * sure to know of it. Absent: all know at once.
   */
  readonly isGradual?: boolean;
  /**
   * Resolves once messages to these subjects will arrive; any number of them, each a text of
   * `[A-Za-z0-9_=-]` words with dots between. They are a set: a subject that is there already
   * stays, and is left by one `unsubscribe`; calls act in their order. Rejects with a SwarmError
   * `closed` when the link is over, and with any other error when the broker refuses these.
   */
  subscribe(subjects: readonly string[]): Promise<void>;
  unsubscribe(subjects: readonly string[]): Promise<void>;
  /**
   * Send without waiting. In order per subject; never delivered from within this call. After
   * `lost` or `close` it does nothing. `payload` is the adapter's from here on. For the token 0
   * nobody wants a verdict.
   *
   * @throws TypeError when it is over the capability `frameBytesMax`, which the core never lets
   *   happen.
   */
  publish(subject: string, payload: Uint8Array, token: number): void;
  /**
   * Final and idempotent: afterwards the host hears nothing. What was published before it leaves
   * if it still can.
   */
  close(): Promise<void>;
}
