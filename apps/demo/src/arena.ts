import { createServer, memory, type Server } from '@swarm/core';
import { type Listener, listen } from '@swarm/ws';

export interface Arena {
  readonly server: Server;
  readonly listener: Listener;
  /** What a client connects to. */
  readonly url: string;
}

const HOST = '127.0.0.1';

/** Two servers on one swarm, as two machines would be on a broker. Port 0 lets the system choose. */
export async function startArenas(ports: readonly [number, number]): Promise<[Arena, Arena]> {
  const swarm = memory('memory:demo');
  const first = await startArena(await createServer({ swarm, namespace: 'demo' }), ports[0]);
  const second = await startArena(await createServer({ swarm, namespace: 'demo' }), ports[1]);
  return [first, second];
}

async function startArena(server: Server, port: number): Promise<Arena> {
  // Client requests: what a node answers its client.
  server.client.implement({
    add: (_ctx, a: number, b: number) => a + b,
    whoami: (ctx) => ctx.node.id,
    // The client asks its node, which asks another node, or through it that node's client.
    loadOf: (ctx, id: string) => ctx.node.send(id, 'load'),
    ask: (ctx, id: string, question: string) =>
      ctx.node.remoteClient.send(id, 'question', question),
  });
  // Server requests: what a node answers other nodes.
  server.on('load', () => server.nodes.size);
  // Remote client requests: what a node adds on the way to its client.
  server.remoteClient.on('question', (ctx, question: string) => [question, ctx.sender]);

  const accept = (request: { readonly url?: string | undefined }) => {
    const name = new URL(request.url ?? '/', 'ws://demo').searchParams.get('name');
    return { id: name ?? undefined };
  };
  const listener = await listen(server, { port, host: HOST, accept });
  return { server, listener, url: `ws://${HOST}:${listener.port}` };
}
