import { connect as connectNats } from '@nats-io/transport-node';
import type { BrokerKind } from '@swarm/conformance/brokers';
import { connect as connectAmqp } from 'amqplib';
import { Redis } from 'ioredis';

/** One of two ends that hear each other through a broker, bytes only and in order. */
export interface Pipe {
  send(payload: Buffer): void;
}

/** Its own name on the broker, and that of the other end. */
export interface Names {
  readonly own: string;
  readonly other: string;
}

type Hear = (payload: Buffer) => void;

/** By the library of the broker itself; resolves when this end hears. */
export async function openPipe(
  kind: BrokerKind,
  url: string,
  names: Names,
  hear: Hear,
): Promise<Pipe> {
  return await PIPES[kind](url, names, hear);
}

const PIPES: Readonly<
  Record<BrokerKind, (url: string, names: Names, hear: Hear) => Promise<Pipe>>
> = {
  nats: async (url, { own, other }, hear) => {
    const connection = await connectNats({ servers: url });
    connection.subscribe(own, {
      callback: (_error, { data }) => hear(Buffer.from(data.buffer, data.byteOffset, data.length)),
    });
    await connection.flush();
    return { send: (payload) => connection.publish(other, payload) };
  },

  redis: async (url, { own, other }, hear) => {
    const [publisher, subscriber] = [new Redis(url), new Redis(url)];
    await subscriber.subscribe(own);
    subscriber.on('messageBuffer', (_channel, payload: Buffer) => hear(payload));
    return { send: (payload) => void publisher.publish(other, payload) };
  },

  rabbitmq: async (url, { own, other }, hear) => {
    const connection = await connectAmqp(url, { noDelay: true });
    const channel = await connection.createChannel();
    await channel.assertQueue(own, { exclusive: true });
    await channel.consume(own, (message) => message && hear(message.content), { noAck: true });
    return { send: (payload) => void channel.sendToQueue(other, payload) };
  },
};
