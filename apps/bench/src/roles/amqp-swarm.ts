import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { peer } from '../packages.ts';
import { HOST, onFreePort } from '../port.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';

interface Seed {
  server(options: { readonly url: string }): {
    createNode(id: string, socket: unknown): Promise<SeedNode>;
  };
  client(url: string): { send(name: string, text: string): Promise<unknown> };
}
interface SeedNode {
  readonly client: { on(name: string, handler: (ctx: unknown, text: string) => string): void };
}
interface Ws {
  readonly WebSocketServer: new (options: {
    readonly host: string;
    readonly port: number;
  }) => NodeJS.EventEmitter;
}

/** The seed's client and node. It needs a broker to make the node; the requests do not go there. */
export const role: Role = {
  serve: ({ urls }) =>
    onFreePort(async (port) => {
      const { WebSocketServer } = peer<Ws>('ws');
      const server = peer<Seed>('amqp-swarm').server({ url: urls['rabbitmq'] ?? '' });
      const sockets = new WebSocketServer({ host: HOST, port });
      await once(sockets, 'listening');
      sockets.on('connection', async (socket: unknown) => {
        const node = await server.createNode('', socket);
        node.client.on('echo', (_ctx, text) => text);
      });
      return `ws://${HOST}:${port}`;
    }),

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const client = peer<Seed>('amqp-swarm').client(setup.address);
    // What is sent too early times out after a second.
    for (let answer: unknown = null; answer !== payload; ) {
      answer = await client.send('echo', payload).catch(() => sleep(100, null));
    }
    return byPromise(payload, () => client.send('echo', payload));
  },
};
