import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memory, type Server, type Swarm } from '@swarm/core';
import type { Demo, ServerName } from './contract.ts';
import { startServer } from './server.ts';
import { serveFolder } from './static.ts';

export interface ArenaOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number | undefined;
  /** Default this machine alone. */
  readonly host?: string | undefined;
  /** Folder of the built page; default none. */
  readonly page?: string | undefined;
  /** What the servers share; default memory, which ends with this process. */
  readonly swarm?: Swarm;
  /** Of this arena alone, though others use the same broker. */
  readonly namespace?: string;
  /** All servers of the arena; default two. */
  readonly names?: readonly ServerName[];
  /** The one that lives in this process; default all of them. */
  readonly only?: ServerName;
}

export interface Arena {
  readonly port: number;
  readonly names: readonly ServerName[];
  /** Where clients connect: each leads to one server, or to any. */
  readonly paths: readonly string[];
  /** What a client of this name connects to. */
  url(path: string, name: string): string;
  close(): Promise<void>;
}

export interface LocalArena extends Arena {
  /** Those that live in this process. */
  readonly servers: ReadonlyMap<ServerName, Server<Demo>>;
}

/**
 * Servers on one swarm, as machines would be on a broker. Those of one process share a port, under
 * paths of their own. Rejects when the port cannot be had, or the broker.
 */
export async function startArena(options: ArenaOptions = {}): Promise<LocalArena> {
  const { port = 0, host = '127.0.0.1', page, only, names = ['a', 'b'] } = options;
  const { swarm = memory('memory:demo'), namespace = newNamespace() } = options;
  const paths = only === undefined ? names : [''];
  const config = { '/config.json': JSON.stringify({ paths }) };
  const http = createHttpServer(page === undefined ? undefined : await serveFolder(page, config));
  const servers = new Map<ServerName, Server<Demo>>();
  const close = async () => {
    for (const server of servers.values()) await server.close();
    if (http.listening) await closeHttp(http);
  };
  try {
    for (const name of only === undefined ? names : [only]) {
      const path = only === undefined ? `/${name}` : '/';
      servers.set(name, await startServer({ name, names, swarm, namespace, http, path }));
    }
    // Last, so that whoever comes in finds everything in place.
    await openHttp(http, port, host);
  } catch (error) {
    await close();
    throw error;
  }
  const { port: opened } = http.address() as AddressInfo;
  return { port: opened, names, paths, servers, url: urlsOf(host, opened), close };
}

/** Arenas that share a broker must not meet. */
export function newNamespace(): string {
  return `demo-${randomBytes(6).toString('hex')}`;
}

export function urlsOf(host: string, port: number): Arena['url'] {
  const literal = host.includes(':') ? `[${host}]` : host;
  return (path, name) => `ws://${literal}:${port}/${path}?name=${name}`;
}

async function openHttp(http: HttpServer, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
}

async function closeHttp(http: HttpServer): Promise<void> {
  await new Promise((resolve) => {
    http.close(resolve);
    http.closeAllConnections();
  });
}
