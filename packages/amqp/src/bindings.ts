import { createHash } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';

/** So often may the exchange vanish with the last who used it, before it is in use by us. */
const DECLARE_TRIES_MAX = 5;
const NOT_FOUND = 404;
/** AMQP 0-9-1 §4.2.5.3: a byte says how long a short string is. */
const KEY_CHARS_MAX = 255;
/** AMQP 0-9-1 §1.7.2.3: class and method of `queue.bind`. */
const QUEUE_BIND = (50 << 16) | 20;

/** What the library's own channels have, and its types do not. */
type SendingChannel = Channel & { sendImmediately(method: number, fields: object): boolean };

/**
 * What one queue hears. All processes of a namespace share a direct exchange, which goes with the
 * last of them. RabbitMQ closes the channel on which it refuses something, so bindings have one of
 * their own, and the next call opens another.
 */
export class Bindings {
  readonly #connection: ChannelModel;
  readonly #exchange: string;
  readonly #queue: string;
  #channel: Promise<SendingChannel> | null = null;
  /** The call before: they act in their order. */
  #last: Promise<unknown> = Promise.resolve();
  /** What is wanted, by key: what was queued before an unbind still arrives after it. */
  readonly #subjects: Map<string, string> = new Map();

  constructor(connection: ChannelModel, exchange: string, queue: string) {
    this.#connection = connection;
    this.#exchange = exchange;
    this.#queue = queue;
  }

  /** Resolves when the queue hears the inbox. */
  async open(inbox: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#declare(inbox);
      } catch (cause) {
        if ((cause as { code?: unknown }).code !== NOT_FOUND || tries === DECLARE_TRIES_MAX)
          throw cause;
      }
    }
  }

  async #declare(inbox: string): Promise<void> {
    const channel = await this.#open();
    // Its own name is never left: whoever has left all else may still publish, and needs the exchange.
    await Promise.all([
      channel.assertExchange(this.#exchange, 'direct', { durable: false, autoDelete: true }),
      channel.bindQueue(this.#queue, this.#exchange, this.#queue),
      channel.bindQueue(this.#queue, this.#exchange, this.#keyFor(inbox)),
    ]);
  }

  /** Without an answer for each: waiting for them one by one takes twice as long. */
  bind(subjects: readonly string[]): Promise<void> {
    return this.#inTurn(async (channel) => {
      const keys = subjects.map((subject) => this.#keyFor(subject));
      const last = keys.pop();
      const fields = { queue: this.#queue, exchange: this.#exchange, arguments: {}, nowait: true };
      for (const routingKey of keys) channel.sendImmediately(QUEUE_BIND, { ...fields, routingKey });
      if (last !== undefined) await channel.bindQueue(this.#queue, this.#exchange, last);
    });
  }

  unbind(subjects: readonly string[]): Promise<void> {
    return this.#inTurn(async (channel) => {
      const keys = subjects.map(keyOf);
      for (const key of keys) this.#subjects.delete(key);
      await Promise.all(keys.map((key) => channel.unbindQueue(this.#queue, this.#exchange, key)));
    });
  }

  /** What a message to this key was published to; undefined when nobody wants it any more. */
  subjectOf(key: string): string | undefined {
    return this.#subjects.get(key);
  }

  #keyFor(subject: string): string {
    const key = keyOf(subject);
    this.#subjects.set(key, subject);
    return key;
  }

  #inTurn(act: (channel: SendingChannel) => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => act(await this.#open()));
    this.#last = done.catch(() => {});
    return done;
  }

  #open(): Promise<SendingChannel> {
    this.#channel ??= this.#openChannel();
    return this.#channel;
  }

  async #openChannel(): Promise<SendingChannel> {
    const channel = (await this.#connection.createChannel()) as SendingChannel;
    // What is refused is told to whoever asked for it.
    channel.on('error', () => {});
    channel.on('close', () => {
      this.#channel = null;
    });
    return channel;
  }
}

/** The routing key of a subject: itself, or a hash of what is too long for a key. */
export function keyOf(subject: string): string {
  if (subject.length <= KEY_CHARS_MAX) return subject;
  return `#${createHash('sha256').update(subject).digest('base64url')}`;
}
