import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { createServer, type Server, type Swarm } from '@swarm/core';
import { listen, refuse } from '@swarm/ws';
import { type Demo, demo, type ServerName } from './contract.ts';
import { handle } from './handlers.ts';
import { Hub } from './hub.ts';
import { Roster } from './roster.ts';

export interface ServerPlan {
  readonly name: ServerName;
  /** All servers of the swarm, this one among them. */
  readonly names: readonly ServerName[];
  readonly swarm: Swarm;
  readonly namespace: string;
  readonly http: HttpServer;
  readonly path: string;
}

/** One server of the demo, with everything it does. */
export async function startServer(plan: ServerPlan): Promise<Server<Demo>> {
  const { name, names, swarm, namespace, http, path } = plan;
  const server = await createServer({ swarm, namespace, contract: demo });
  try {
    const roster = new Roster(server);
    const hub = new Hub(server, roster, { name, names, swarm: swarm.name });
    handle(server, { name, roster, hub });
    await hub.open();
    await listen(server, { server: http, path, accept });
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Everybody may come in, under a plain name. */
function accept(request: IncomingMessage) {
  const { searchParams } = new URL(request.url ?? '/', 'ws://demo');
  const name = searchParams.get('name') ?? '';
  if (!/^[A-Za-z0-9-]{1,40}$/.test(name)) return refuse(403);
  return { id: name, auth: { isSimulated: searchParams.has('simulated') } };
}
