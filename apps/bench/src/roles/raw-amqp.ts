import { type Channel, connect } from 'amqplib';
import { type Done, payloadOf, type Role, wrong } from '../role.ts';

/**
 * Bytes that come back, by the library itself: a queue for questions, one for the answers of
 * whoever asks, and what the properties of a message are for. Nothing is confirmed or kept; the
 * one option is that packets are not held back, for which everybody has to ask.
 */
export const role: Role = {
  serve: async ({ urls, scope }) => {
    const channel = await open(urls['rabbitmq'] ?? '');
    const { queue } = await channel.assertQueue(`${scope}.questions`, { exclusive: true });
    await channel.consume(
      queue,
      (message) => {
        if (message === null) return;
        const { replyTo, correlationId } = message.properties;
        channel.sendToQueue(replyTo, message.content, { correlationId });
      },
      { noAck: true },
    );
    return queue;
  },

  ask: async (setup) => {
    const channel = await open(setup.urls['rabbitmq'] ?? '');
    const { queue: replyTo } = await channel.assertQueue('', { exclusive: true });
    const payload = Buffer.from(payloadOf(setup));
    const waiting = new Map<string, Done>();
    let lastId = 0;
    await channel.consume(
      replyTo,
      (message) => {
        if (message === null) return;
        const { content, properties } = message;
        const done = waiting.get(properties.correlationId);
        waiting.delete(properties.correlationId);
        done?.(content.length === payload.length ? null : wrong(content));
      },
      { noAck: true },
    );
    return {
      ask: (done) => {
        lastId += 1;
        const correlationId = `${lastId}`;
        waiting.set(correlationId, done);
        channel.sendToQueue(setup.address, payload, { correlationId, replyTo });
      },
    };
  },
};

async function open(url: string): Promise<Channel> {
  const connection = await connect(url, { noDelay: true });
  return await connection.createChannel();
}
