import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Setup } from '../protocol.ts';
import { type Asking, type Done, payloadOf, type Role, wrong } from '../role.ts';

/**
 * Bytes that come back, by the library itself. `request` is what it offers for that, as shipped;
 * `request without traces` has the one option that makes it faster; `inbox` is one subscription
 * for all answers and a table of one's own.
 */
export const role: Role = {
  serve: async ({ urls, scope }) => {
    const connection = await connect({ servers: urls['nats'] ?? '' });
    const subject = `${scope}.questions`;
    connection.subscribe(subject, {
      callback: (_error, message) => {
        message.respond(message.data);
      },
    });
    await connection.flush();
    return subject;
  },

  ask: async (setup) => {
    const noAsyncTraces = setup.variant === 'request without traces';
    const connection = await connect({ servers: setup.urls['nats'] ?? '', noAsyncTraces });
    const subject = setup.address;
    const payload = Buffer.from(payloadOf(setup));
    return setup.variant === 'inbox'
      ? inbox(connection, setup, payload)
      : request(connection, subject, payload);
  },
};

function request(connection: NatsConnection, subject: string, payload: Buffer): Asking {
  return {
    ask: (done) => {
      connection
        .request(subject, payload, { timeout: 10_000 })
        .then(({ data }) => done(data.length === payload.length ? null : wrong(data)), done);
    },
  };
}

function inbox(
  connection: NatsConnection,
  { address: subject, scope }: Setup,
  payload: Buffer,
): Asking {
  const waiting = new Map<string, Done>();
  const prefix = `${scope}.answers.`;
  let lastId = 0;
  connection.subscribe(`${prefix}*`, {
    callback: (_error, { subject: answers, data }) => {
      const id = answers.slice(prefix.length);
      const done = waiting.get(id);
      waiting.delete(id);
      done?.(data.length === payload.length ? null : wrong(data));
    },
  });
  return {
    ask: (done) => {
      lastId += 1;
      const id = `${lastId}`;
      waiting.set(id, done);
      connection.publish(subject, payload, { reply: prefix + id });
    },
  };
}
