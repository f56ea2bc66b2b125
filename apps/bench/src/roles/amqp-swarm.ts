import { EventEmitter, once } from 'node:events';
import { peer } from '../packages.ts';
import { HOST, onFreePort } from '../port.ts';
import type { Setup } from '../protocol.ts';
import { onceReady, payloadOf, type Role } from '../role.ts';

interface Seed {
  server(options: { readonly url: string }): {
    createNode(id: string, socket: unknown): Promise<SeedNode>;
  };
  client(url: string): SeedClient;
}
type Echo = (ctx: unknown, text: string) => string;
interface SeedClient {
  send(name: string, text: string): Promise<unknown>;
  on(name: string, handler: Echo): void;
}
interface SeedNode {
  send(id: string, name: string, text: string): Promise<unknown>;
  on(name: string, handler: Echo): void;
  readonly client: { on(name: string, handler: Echo): void };
  readonly remoteClient: { send(id: string, name: string, text: string): Promise<unknown> };
}
interface Ws {
  readonly WebSocketServer: new (options: {
    readonly host: string;
    readonly port: number;
  }) => EventEmitter;
}

/** The seed's client and node. It needs a broker to make the node; the requests do not go there. */
export const role: Role = {
  serve: (setup) => listen(setup),

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const client = clientOf(setup);
    return await onceReady(payload, () => client.send('echo', payload));
  },
};

/** A server whose nodes answer their clients and each other. Resolves with its URL. */
export function listen(setup: Setup): Promise<string> {
  return onFreePort(async (port) => {
    const { WebSocketServer } = peer<Ws>('ws');
    const server = serverOf(setup);
    const sockets = new WebSocketServer({ host: HOST, port });
    await once(sockets, 'listening');
    sockets.on('connection', async (socket: unknown) => {
      const node = await server.createNode(setup.scope, socket);
      node.client.on('echo', (_ctx, text) => text);
    });
    return `ws://${HOST}:${port}`;
  });
}

export function clientOf({ address }: Setup): SeedClient {
  return peer<Seed>('amqp-swarm').client(address);
}

/** A node whose client does nothing but answer pings, as it has to. */
export function createNode(setup: Setup, id: string): Promise<SeedNode> {
  const socket = new EventEmitter();
  const send = (message: Buffer) => {
    const { type, correlationId } = JSON.parse(message.toString());
    if (type !== 'ping') return;
    const pong = Buffer.from(JSON.stringify({ type: 'pong', correlationId }));
    queueMicrotask(() => socket.emit('message', pong));
  };
  const nobody = Object.assign(socket, { OPEN: 1, readyState: 1, send, close: () => {} });
  return serverOf(setup).createNode(id, nobody);
}

function serverOf({ urls }: Setup) {
  return peer<Seed>('amqp-swarm').server({ url: urls['rabbitmq'] ?? '' });
}
