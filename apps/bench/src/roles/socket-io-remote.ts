import { once } from 'node:events';
import { createServer } from 'node:http';
import { peer } from '../packages.ts';
import { HOST, onFreePort } from '../port.ts';
import type { Setup } from '../protocol.ts';
import { onceReady, payloadOf, type Role } from '../role.ts';

interface ServerSide {
  readonly Server: new (
    options: object,
  ) => {
    attach(http: unknown): void;
    to(id: string): { timeout(ms: number): Room };
  };
}
interface Room {
  emitWithAck(name: string, text: string): Promise<readonly unknown[]>;
}
interface ClientSide {
  io(
    url: string,
    options: object,
  ): {
    readonly id: string;
    on(event: 'connect', listener: () => void): void;
    on(name: 'echo', listener: (text: string, answer: (text: string) => void) => void): void;
  };
}
interface PubSub {
  createAdapter(publish: object, subscribe: object, options: object): object;
}
interface Streams {
  createAdapter(client: object, options: object): object;
}
interface Ioredis {
  readonly Redis: new (url: string) => object;
}

const TIMEOUT_MS = 10_000;

/** Of an event for the socket of another server. `pubsub` and `streams` are its adapters. */
export const role: Role = {
  serve: (setup) =>
    onFreePort(async (port) => {
      const http = createServer();
      http.listen(port, HOST);
      await once(http, 'listening');
      serverOf(setup).attach(http);
      return `http://${HOST}:${port}`;
    }),

  attach: async ({ address }) => {
    const { io } = peer<ClientSide>('socket.io-client');
    const socket = io(address, { transports: ['websocket'] });
    socket.on('echo', (text, answer) => answer(text));
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    return socket.id;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const server = serverOf(setup);
    const ask = async () => {
      const [answer] = await server
        .to(setup.address)
        .timeout(TIMEOUT_MS)
        .emitWithAck('echo', payload);
      return answer;
    };
    // The servers learn of each other by and by.
    return await onceReady(payload, ask);
  },
};

function serverOf({ urls, variant, scope }: Setup) {
  const { Redis } = peer<Ioredis>('ioredis');
  const { Server } = peer<ServerSide>('socket.io');
  const redis = () => new Redis(urls['redis'] ?? '');
  const adapter =
    variant === 'pubsub'
      ? peer<PubSub>('@socket.io/redis-adapter').createAdapter(redis(), redis(), { key: scope })
      : peer<Streams>('@socket.io/redis-streams-adapter').createAdapter(redis(), {
          ...{ streamName: scope, channelPrefix: scope },
        });
  return new Server({ adapter, transports: ['websocket'], serveClient: false });
}
