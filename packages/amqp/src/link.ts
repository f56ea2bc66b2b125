import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Link, LinkHost } from '@swarm/core';
import type { Channel, ChannelModel, ConsumeMessage, Message } from 'amqplib';
import { Bindings, keyOf } from './bindings.ts';
import { failure } from './failure.ts';
import { Pressure } from './pressure.ts';

/** Half of what RabbitMQ 4 takes by default (`max_message_size`). */
export const FRAME_BYTES_MAX = 8_388_608;
/** What was published before a close has so long to leave. */
const CLOSE_TIMEOUT_MS = 1_000;
/** What RabbitMQ keeps for a process that does not take it: the oldest makes room for more. */
const QUEUE_BYTES_MAX = 67_108_864;
/** Of the name of a queue, which has 255 and ends with what makes it unique. */
const QUEUE_PREFIX_CHARS_MAX = 200;

/** Opens a connection, which `watch` sees before that, and which the signal ends. */
export type Dial = (
  signal: AbortSignal,
  watch: (connection: ChannelModel) => void,
) => Promise<ChannelModel>;

/** How long to wait in all, and until both connections are there. */
export interface Patience {
  readonly openMs: number;
  readonly answerMs: number;
}

/**
 * Two connections that end together: RabbitMQ may stop reading the one that publishes, and the
 * other has to hear all the same.
 */
export class AmqpLink implements Link {
  readonly #host: LinkHost;
  readonly #place: string;
  readonly #dial: Dial;
  readonly #exchange: string;
  readonly #pressure: Pressure;
  /** Destroys the sockets of both, if there are any. */
  readonly #destruction: AbortController = new AbortController();
  readonly #connections: ChannelModel[] = [];
  readonly #closings: Promise<void>[] = [];
  #publisher: Channel | null = null;
  #bindings: Bindings | null = null;
  #state: 'opening' | 'open' | 'over' = 'opening';
  #closed: Promise<void> | null = null;
  /** Who is told that it ended by itself: the one who opens it, then the host. */
  #ended: (cause: unknown) => void = () => {};

  constructor(host: LinkHost, place: string, dial: Dial) {
    this.#host = host;
    this.#place = place;
    this.#dial = dial;
    this.#exchange = `${host.inbox.split('.', 1)}.direct`;
    const confirmed = async () => this.#publisher?.checkExchange(this.#exchange);
    this.#pressure = new Pressure(confirmed, (on) => this.#state === 'open' && host.pressure(on));
  }

  /** Rejects with what went wrong, and leaves nothing behind then. */
  open({ openMs, answerMs }: Patience): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = this.#endAfter(openMs);
      const silent = this.#endAfter(answerMs);
      const opened = () => {
        if (this.#state === 'over') return;
        this.#state = 'open';
        this.#ended = (cause) => this.#host.lost(failure(this.#place, 'unknown', cause));
        resolve();
      };
      this.#ended = reject;
      const dial = () => this.#dial(this.#destruction.signal, this.#watch);
      Promise.all([dial(), dial()])
        .finally(() => clearTimeout(silent))
        .then((connections) => this.#setUp(...connections))
        .then(opened, (cause) => this.#end(cause))
        .finally(() => clearTimeout(late));
    });
  }

  #endAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#end(new Error(`no answer within ${ms} ms`)), ms);
  }

  async #setUp(publishing: ChannelModel, hearing: ChannelModel): Promise<void> {
    const [publisher] = await Promise.all([this.#openPublisher(publishing), this.#hear(hearing)]);
    // To nobody: a user who may not publish would otherwise find out only with the first frame.
    publisher.publish(this.#exchange, '', Buffer.alloc(0), { mandatory: true });
    await once(publisher, 'return', { signal: this.#destruction.signal });
  }

  readonly #watch = (connection: ChannelModel): void => {
    connection.on('error', (cause) => this.#end(cause));
    const closing = new Promise<void>((resolve) => {
      connection.on('close', (cause) => {
        this.#end(cause ?? new Error('the connection was closed'));
        resolve();
      });
    });
    this.#closings.push(closing);
    this.#connections.push(connection);
  };

  async #openPublisher(connection: ChannelModel): Promise<Channel> {
    connection.on('blocked', (reason) => {
      // What it does not take now, it would not take for the 3 s that there are.
      if (this.#state === 'opening') this.#end(new Error(`RabbitMQ takes no messages: ${reason}`));
      else this.#pressure.blocked(true);
    });
    connection.on('unblocked', () => this.#pressure.blocked(false));
    const channel = await connection.createChannel();
    channel.on('error', (cause) => this.#end(cause));
    channel.on('return', (message) => this.#onReturn(message));
    this.#publisher = channel;
    return channel;
  }

  async #hear(connection: ChannelModel): Promise<void> {
    const { inbox } = this.#host;
    const random = randomBytes(12).toString('base64url');
    const queue = `${inbox.slice(0, QUEUE_PREFIX_CHARS_MAX)}.${random}`;
    const channel = await connection.createChannel();
    channel.on('error', (cause) => this.#end(cause));
    await channel.assertQueue(queue, {
      ...{ exclusive: true, autoDelete: true, durable: false },
      arguments: { 'x-max-length-bytes': QUEUE_BYTES_MAX },
    });
    const bindings = new Bindings(connection, this.#exchange, queue);
    this.#bindings = bindings;
    await channel.consume(queue, (message) => this.#onMessage(message), { noAck: true });
    await bindings.open(inbox);
  }

  async subscribe(subjects: readonly string[]): Promise<void> {
    await this.#bind((bindings) => bindings.bind(subjects));
  }

  async unsubscribe(subjects: readonly string[]): Promise<void> {
    await this.#bind((bindings) => bindings.unbind(subjects));
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    const { buffer, byteOffset, length } = payload;
    if (length > FRAME_BYTES_MAX) throw new TypeError(`over frameBytesMax: ${length} bytes`);
    if (this.#state !== 'open') return;
    const options = token === 0 ? {} : { mandatory: true, messageId: token.toString(36) };
    const content = Buffer.from(buffer, byteOffset, length);
    try {
      this.#publisher?.publish(this.#exchange, keyOf(subject), content, options);
    } catch (cause) {
      // The library has found something wrong, and has yet to say so.
      queueMicrotask(() => this.#end(cause));
    }
    this.#pressure.published(subject.length + length);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#state = 'over';
    const timer = setTimeout(() => this.#destruction.abort(), CLOSE_TIMEOUT_MS);
    // It is closed when all that was published has been handled; our queue keeps the exchange.
    const flushed = this.#publisher?.close().catch(() => {});
    await Promise.race([flushed, ...this.#closings]);
    // One that is closed already rejects.
    for (const connection of this.#connections) connection.close().catch(() => {});
    await Promise.all(this.#closings);
    clearTimeout(timer);
    this.#destruction.abort();
  }

  async #bind(act: (bindings: Bindings) => Promise<void>): Promise<void> {
    try {
      if (this.#bindings !== null) await act(this.#bindings);
    } catch (cause) {
      throw failure(this.#place, 'no', cause);
    }
  }

  #onMessage(message: ConsumeMessage | null): void {
    if (message === null) return this.#end(new Error('RabbitMQ has deleted the queue'));
    if (this.#state === 'over') return;
    const subject = this.#bindings?.subjectOf(message.fields.routingKey);
    if (subject !== undefined) this.#host.deliver(subject, message.content);
  }

  #onReturn({ properties }: Message): void {
    const token = Number.parseInt(properties.messageId ?? '', 36);
    if (this.#state === 'open' && token > 0) this.#host.undeliverable(token);
  }

  /** The first cause counts: others follow from it. */
  #end(cause: unknown): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#destruction.abort();
    this.#ended(cause);
  }
}
