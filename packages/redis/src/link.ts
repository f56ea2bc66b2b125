import type { Link, LinkHost } from '@swarm/core';
import { type Client, dial, end, Publish } from './client.ts';
import { failure, isReply } from './failure.ts';

/**
 * A quarter of what Redis keeps for a subscriber before it cuts it off
 * (`client-output-buffer-limit pubsub 32mb 8mb 60`): no frame ends a link by itself.
 */
export const FRAME_BYTES_MAX = 8_388_608;
/** From dialing to the confirmed inbox. */
const OPEN_TIMEOUT_MS = 5_000;
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
    this.#subscriber.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      if (!this.#isOver) host.deliver(channel.toString('latin1'), payload);
    });
  }

  /** Rejects with what went wrong, and leaves nothing behind then. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = new Error(`no answer within ${OPEN_TIMEOUT_MS} ms`);
      const timer = setTimeout(() => this.#end(late), OPEN_TIMEOUT_MS);
      const opened = () => {
        this.#ended = (cause) => {
          this.#host.lost(failure('closed', 'unknown', this.#url, cause));
        };
        resolve();
      };
      this.#ended = reject;
      this.#setUp()
        .then(opened, (error) => this.#end(error))
        .finally(() => clearTimeout(timer));
    });
  }

  async #setUp(): Promise<void> {
    const { inbox, frameBytesMax } = this.#host;
    if (frameBytesMax > FRAME_BYTES_MAX) throw new Error(`carries ${FRAME_BYTES_MAX} bytes`);
    await Promise.all([dial(this.#publisher), dial(this.#subscriber)]);
    this.#publisher.stream.on('drain', () => this.#weigh(0));
    // To nobody: a user who may not publish would otherwise find out by silence.
    await this.#publisher.publish(`${inbox}.nobody`, '');
    await this.#subscriber.subscribe(inbox);
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
    this.#publisher.sendCommand(new Publish(subject, payload, () => this.#unheard(token)));
    // So much is worth a write of its own; held back, it would look like pressure.
    if (stream.writableLength > CORKED_BYTES_MAX) this.#uncork();
    this.#weigh(stream.writableLength);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all([end(this.#publisher, 'patient'), end(this.#subscriber, 'at once')]);
  }

  readonly #uncork = (): void => {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#publisher.stream.uncork();
  };

  #unheard(token: number): void {
    if (token !== 0 && !this.#isOver) this.#host.undeliverable(token);
  }

  #weigh(unsentBytes: number): void {
    const isPressed = unsentBytes > (this.#isPressed ? PRESSURE_OFF_BYTES : PRESSURE_ON_BYTES);
    if (isPressed === this.#isPressed) return;
    this.#isPressed = isPressed;
    this.#host.pressure(isPressed);
  }

  /** Everything is sent before it returns, so that calls act in their order; nothing for nothing. */
  async #inParts(command: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<void> {
    const replies: Promise<unknown>[] = [];
    for (let from = 0; from < channels.length; from += COMMAND_CHANNELS_MAX) {
      const part = channels.slice(from, from + COMMAND_CHANNELS_MAX);
      replies.push(this.#subscriber.call(command, part));
    }
    try {
      await Promise.all(replies);
    } catch (cause) {
      throw failure(isReply(cause) ? 'forbidden' : 'closed', 'no', this.#url, cause);
    }
  }

  /** The first cause counts: others follow from it. */
  #end(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const client of [this.#publisher, this.#subscriber]) end(client, 'at once');
    this.#ended(cause);
  }
}
