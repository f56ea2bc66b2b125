import type { Link, LinkHost } from '@swarm/core';
import { type Client, end, greet } from './client.ts';
import { failure, isAstray, isReply } from './failure.ts';
import { Publish } from './publish.ts';
import { type Channels, channelsAt, type Elsewhere, PLAIN } from './shard.ts';

/**
 * A quarter of what Redis keeps for a subscriber before it cuts it off
 * (`client-output-buffer-limit pubsub 32mb 8mb 60`): no frame ends a link by itself.
 */
export const FRAME_BYTES_MAX = 8_388_608;
/** Between questions to a node of a Cluster whether it is a primary. */
const ROLE_EVERY_MS = 1_000;
/** Channels in one command, for whose time Redis does nothing else. */
const COMMAND_CHANNELS_MAX = 1_000;
/** From here on, what one turn publishes leaves in several writes. */
const CORKED_BYTES_MAX = 65_536;
/** Unsent bytes that are pressure, and those it takes until it is off again. */
const PRESSURE_ON_BYTES = 4_194_304;
const PRESSURE_OFF_BYTES = 1_048_576;

/**
 * Two connections that end together. What is published in one turn leaves in one write, which
 * costs more than a message does.
 */
export class RedisLink implements Link {
  readonly #host: LinkHost;
  readonly #url: string;
  readonly #publisher: Client;
  readonly #subscriber: Client;
  #channels: Channels = PLAIN;
  #roleTimer: NodeJS.Timeout | undefined;
  #isCorked = false;
  #isPressed = false;
  #isOver = false;
  /** Who is told that it ended by itself: the one who opens it, then the host. */
  #ended: (cause: unknown) => void = () => {};

  constructor(host: LinkHost, url: string, createClient: () => Client) {
    this.#host = host;
    this.#url = url;
    this.#publisher = createClient();
    this.#subscriber = createClient();
    for (const client of [this.#publisher, this.#subscriber]) {
      client.on('error', (cause) => this.#end(cause));
      client.on('end', () => this.#end(new Error('Redis ended the connection')));
    }
    // Whether with a MOVED or without being asked: a node says that it has lost the channels.
    this.#subscriber.on('moved', () => this.#end(new Error('the channels are at another node')));
  }

  /**
   * Resolves with null when it is open, or else with where it has to be. Rejects with what went
   * wrong. Only an open link leaves something behind.
   */
  open(msMax: number): Promise<Elsewhere | null> {
    return new Promise((resolve, reject) => {
      const late = new Error(`no answer within ${msMax} ms`);
      const timer = setTimeout(() => this.#end(late), msMax);
      const opened = (elsewhere: Elsewhere | null) => {
        resolve(elsewhere);
        if (elsewhere !== null) return this.#end(null);
        this.#ended = (cause) => {
          this.#host.lost(failure('closed', 'unknown', this.#url, cause));
        };
      };
      this.#ended = reject;
      this.#setUp()
        .then(opened, (error) => this.#end(error))
        .finally(() => clearTimeout(timer));
    });
  }

  async #setUp(): Promise<Elsewhere | null> {
    const { inbox, frameBytesMax } = this.#host;
    if (frameBytesMax > FRAME_BYTES_MAX) throw new Error(`carries ${FRAME_BYTES_MAX} bytes`);
    const [site, other] = await Promise.all([
      this.#dial(this.#publisher),
      this.#dial(this.#subscriber),
    ]);
    if ('port' in site) return site;
    if ('port' in other) return other;
    // A name may stand for several nodes.
    if (site.prefix !== other.prefix) throw new Error('two nodes behind one name');
    this.#hear(site);
    this.#publisher.stream.on('drain', () => this.#weigh(0));
    // To nobody: a user who may not publish would otherwise find out by silence.
    await this.#publisher.call(site.publish, `${site.prefix}${inbox}.nobody`, '');
    await this.#subscriber.call(site.subscribe, `${site.prefix}${inbox}`);
    if (site.areMoving) this.#watchRole();
    return null;
  }

  async #dial(client: Client): Promise<Channels | Elsewhere> {
    await client.connect();
    return channelsAt(client, this.#host.inbox.split('.', 1).join());
  }

  #hear(channels: Channels): void {
    const { length } = channels.prefix;
    this.#channels = channels;
    this.#subscriber.on(channels.message, (channel: Buffer, payload: Buffer) => {
      if (!this.#isOver) this.#host.deliver(channel.toString('latin1', length), payload);
    });
  }

  /** A primary that becomes a replica may say nothing, and goes on serving who is connected. */
  #watchRole(): void {
    if (this.#isOver) return;
    this.#roleTimer = setTimeout(async () => {
      try {
        const role = (await greet(this.#publisher)).get('role');
        if (role !== 'master') throw new Error(`no longer a primary, but a ${role}`);
        this.#watchRole();
      } catch (cause) {
        this.#end(cause);
      }
    }, ROLE_EVERY_MS);
  }

  subscribe(subjects: readonly string[]): Promise<void> {
    return this.#inParts('subscribe', subjects);
  }

  unsubscribe(subjects: readonly string[]): Promise<void> {
    return this.#inParts('unsubscribe', subjects);
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    if (payload.length > FRAME_BYTES_MAX) {
      throw new TypeError(`over frameBytesMax: ${payload.length} bytes`);
    }
    if (this.#isOver) return;
    const { stream } = this.#publisher;
    if (!this.#isCorked) {
      this.#isCorked = true;
      stream.cork();
      process.nextTick(this.#uncork);
    }
    const { prefix, publish } = this.#channels;
    const unheard = (refusal?: unknown) => this.#unheard(token, refusal);
    this.#publisher.sendCommand(new Publish(publish, prefix + subject, payload, unheard));
    // So much is worth a write of its own; held back, it would look like pressure.
    if (stream.writableLength > CORKED_BYTES_MAX) this.#uncork();
    this.#weigh(stream.writableLength);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#roleTimer);
    await Promise.all([end(this.#publisher, 'patient'), end(this.#subscriber, 'at once')]);
  }

  readonly #uncork = (): void => {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#publisher.stream.uncork();
  };

  #unheard(token: number, refusal: unknown): void {
    if (token !== 0 && !this.#isOver) this.#host.undeliverable(token);
    if (isAstray(refusal)) this.#end(refusal);
  }

  #weigh(unsentBytes: number): void {
    const isPressed = unsentBytes > (this.#isPressed ? PRESSURE_OFF_BYTES : PRESSURE_ON_BYTES);
    if (isPressed === this.#isPressed) return;
    this.#isPressed = isPressed;
    this.#host.pressure(isPressed);
  }

  /** Everything is sent before it returns, so that calls act in their order; nothing for nothing. */
  async #inParts(command: 'subscribe' | 'unsubscribe', subjects: readonly string[]): Promise<void> {
    const { prefix, [command]: name } = this.#channels;
    const replies: Promise<unknown>[] = [];
    for (let from = 0; from < subjects.length; from += COMMAND_CHANNELS_MAX) {
      const part = subjects.slice(from, from + COMMAND_CHANNELS_MAX);
      const channels = part.map((subject) => prefix + subject);
      replies.push(this.#subscriber.call(name, channels));
    }
    try {
      await Promise.all(replies);
    } catch (cause) {
      if (isAstray(cause)) this.#end(cause);
      const isRefused = isReply(cause) && !isAstray(cause);
      throw failure(isRefused ? 'forbidden' : 'closed', 'no', this.#url, cause);
    }
  }

  /** The first cause counts: others follow from it. */
  #end(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#roleTimer);
    for (const client of [this.#publisher, this.#subscriber]) end(client, 'at once');
    this.#ended(cause);
  }
}
