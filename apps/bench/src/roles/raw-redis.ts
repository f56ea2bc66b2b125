import { Redis } from 'ioredis';
import { type Asking, type Done, payloadOf, type Role, wrong } from '../role.ts';

/**
 * Bytes that come back by PUBLISH, with the library as shipped. `plain` is a write for each of
 * them, `corked` is one for all that a turn of the event loop publishes.
 */
export const role: Role = {
  serve: async ({ urls, variant, scope }) => {
    const publish = publisher(urls['redis'] ?? '', variant === 'corked');
    const subscriber = new Redis(urls['redis'] ?? '');
    const questions = `${scope}.questions`;
    await subscriber.subscribe(questions);
    subscriber.on('messageBuffer', (_channel, payload: Buffer) => {
      publish(answersIn(scope), payload);
    });
    return questions;
  },

  ask: async (setup): Promise<Asking> => {
    const url = setup.urls['redis'] ?? '';
    const publish = publisher(url, setup.variant === 'corked');
    const payload = Buffer.from(payloadOf(setup));
    const subscriber = new Redis(url);
    const waiting: Done[] = [];
    await subscriber.subscribe(answersIn(setup.scope));
    subscriber.on('messageBuffer', (_channel, data: Buffer) => {
      waiting.shift()?.(data.length === payload.length ? null : wrong(data));
    });
    return {
      ask: (done) => {
        waiting.push(done);
        publish(setup.address, payload);
      },
    };
  },
};

/** No other case's, so that answers come in the order of the questions. */
function answersIn(scope: string): string {
  return `${scope}.answers`;
}

function publisher(url: string, isCorked: boolean): (channel: string, payload: Buffer) => void {
  const client = new Redis(url);
  if (!isCorked) return (channel, payload) => void client.publish(channel, payload);
  let isWaiting = false;
  const uncork = () => {
    isWaiting = false;
    client.stream.uncork();
  };
  return (channel, payload) => {
    if (!isWaiting) {
      isWaiting = true;
      client.stream.cork();
      process.nextTick(uncork);
    }
    void client.publish(channel, payload);
  };
}
