import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, memory, type Server } from '@swarm/core';
import { listen, refuse } from '@swarm/ws';
import { type Demo, demo, type ServerName } from './contract.ts';
import { handle } from './handlers.ts';
import { Roster } from './roster.ts';
import { serveFolder } from './static.ts';

export const SERVERS: readonly ServerName[] = ['a', 'b'];

export interface ArenaOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Default this machine alone. */
  readonly host?: string;
  /** Folder of the built page; default none. */
  readonly page?: string;
}

export interface Arena {
  readonly port: number;
  readonly servers: { readonly [Name in ServerName]: Server<Demo> };
  /** What a client of this name connects to. */
  url(server: ServerName, name: string): string;
  close(): Promise<void>;
}

/**
 * Two servers on one swarm, as two machines would be on a broker; here they share a port, under
 * `/a` and `/b`. Rejects when the port cannot be had.
 */
export async function startArena(options: ArenaOptions = {}): Promise<Arena> {
  const { port = 0, host = '127.0.0.1', page } = options;
  const http = createHttpServer(page === undefined ? undefined : await serveFolder(page));
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
  const swarm = memory('memory:demo');
  const roster = new Roster();
  const start = async (name: ServerName) => {
    const server = await createServer({ swarm, namespace: 'demo', contract: demo });
    handle(server, name, roster);
    roster.watch(server, name);
    await listen(server, { server: http, path: `/${name}`, accept });
    return server;
  };
  const servers = { a: await start('a'), b: await start('b') };
  const address = http.address() as AddressInfo;
  const literal = host.includes(':') ? `[${host}]` : host;
  return {
    port: address.port,
    servers,
    url: (server, name) => `ws://${literal}:${address.port}/${server}?name=${name}`,
    close: async () => {
      for (const name of SERVERS) await servers[name].close();
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
  };
}

/** Everybody may come in, under a plain name. */
function accept(request: IncomingMessage) {
  const { searchParams } = new URL(request.url ?? '/', 'ws://demo');
  const name = searchParams.get('name') ?? '';
  if (!/^[A-Za-z0-9-]{1,40}$/.test(name)) return refuse(403);
  return { id: name, auth: { isSimulated: searchParams.has('simulated') } };
}
