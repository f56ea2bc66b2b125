import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket as TcpSocket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Client,
  createServer,
  type Emitter,
  type Server,
  type ServerOptions,
  SwarmError,
  swarmJson,
} from '@swarm/core';
import { afterEach } from 'vitest';
import { type ClientOptions as PlainOptions, WebSocket, WebSocketServer } from 'ws';
import {
  type ConnectOptions,
  connect,
  type Listener,
  type ListenOptions,
  listen,
} from '../src/index.ts';
import { WsSocket } from '../src/socket.ts';

const HOST = '127.0.0.1';
const stops: (() => unknown)[] = [];

afterEach(async () => {
  // The last first: clients go before the servers that would wait for them.
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Run `stop` when the present test is over. */
export function stopAfter(stop: () => unknown): void {
  stops.push(stop);
}

export interface Started {
  readonly server: Server;
  readonly listener: Listener;
  readonly url: string;
}

/** A server that listens; on a port of its own unless `options` say otherwise. */
export async function start(
  options: ListenOptions = {},
  serverOptions: ServerOptions = {},
): Promise<Started> {
  const server = await createServer(serverOptions);
  stopAfter(() => server.close());
  return { server, ...(await listenTo(server, options)) };
}

export async function listenTo(
  server: Server,
  options: ListenOptions = {},
): Promise<Pick<Started, 'listener' | 'url'>> {
  const listener = await listen(server, { host: HOST, ...options });
  stopAfter(() => listener.close());
  return { listener, url: `ws://${HOST}:${listener.port}` };
}

/** A client of ours that is closed after the test. */
export function dial(url: string, options: ConnectOptions = {}): Client {
  // The dialect that hand-made servers can speak.
  const client = connect(url, { dialect: swarmJson, backoffBaseMs: 5, ...options });
  stopAfter(() => client.close());
  return client;
}

/** The arguments of the next such event. */
export function next<
  E extends { readonly [Name in keyof E]: readonly unknown[] },
  Name extends keyof E,
>(emitter: Emitter<E>, name: Name): Promise<E[Name]> {
  return new Promise((resolve) => {
    const off = emitter.on(name, (...args) => {
      off();
      resolve(args);
    });
  });
}

/** The SwarmError that `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<SwarmError> {
  try {
    await promise;
  } catch (error) {
    if (SwarmError.is(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Errors that would have ended the process, until the test is over. */
export function watchUncaught(): { readonly errors: unknown[]; readonly first: Promise<unknown> } {
  const errors: unknown[] = [];
  const first = gate<unknown>();
  const listener = (error: unknown) => {
    errors.push(error);
    first.open(error);
  };
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, listener);
    stopAfter(() => process.off(event, listener));
  }
  return { errors, first: first.promise };
}

/** What a promise waits for, with what decides it. */
export interface Gate<T = void> {
  readonly promise: Promise<T>;
  open(value: T): void;
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open: (value) => open(value) };
}

/** An open WebSocket of the `ws` package itself. */
export async function openPlain(
  url: string,
  protocols: string[] = [],
  options: PlainOptions = {},
): Promise<WebSocket> {
  const ws = new WebSocket(url, protocols, options);
  stopAfter(() => ws.terminate());
  await once(ws, 'open');
  return ws;
}

/** The status an upgrade is refused with. */
export function refusedWith(url: string, options: PlainOptions = {}): Promise<number> {
  const ws = new WebSocket(url, options);
  stopAfter(() => ws.terminate());
  return new Promise((resolve, reject) => {
    ws.on('error', reject);
    ws.on('open', () => reject(new Error('it was let in')));
    ws.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

export interface StartedHttp {
  readonly http: HttpServer;
  readonly port: number;
  readonly url: string;
  /** Its connections, upgraded ones too. */
  readonly streams: ReadonlySet<TcpSocket>;
}

/** A listening HTTP server of the application. */
export async function startHttp(body = 'the application'): Promise<StartedHttp> {
  const http = createHttpServer((_request, response) => response.end(body));
  const streams = new Set<TcpSocket>();
  http.on('connection', (stream) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  const port = await startTcp(http);
  return { http, port, url: `ws://${HOST}:${port}`, streams };
}

/** A server that says `init` and then does as the test says. */
export async function startScripted(
  script: (ws: WebSocket, stream: Duplex) => void,
): Promise<string> {
  const { http, url } = await startHttp();
  const upgrader = new WebSocketServer({ server: http, handleProtocols: () => 'swarm.json' });
  upgrader.on('connection', (ws, { socket }) => {
    ws.send('{"type":"init"}');
    script(ws, socket);
  });
  return url;
}

/** Let a TCP (or HTTP) server listen; returns its port. */
export async function startTcp(tcp: TcpServer = createTcpServer()): Promise<number> {
  tcp.on('connection', (socket) => stopAfter(() => socket.destroy()));
  tcp.listen(0, HOST);
  await once(tcp, 'listening');
  stopAfter(() => tcp.close());
  return portOf(tcp);
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const tcp = createTcpServer().listen(0, HOST);
  await once(tcp, 'listening');
  const port = portOf(tcp);
  tcp.close();
  await once(tcp, 'close');
  return port;
}

export function portOf(server: TcpServer): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

/** Our socket on the accepting end of a real connection, and the `ws` client at the other end. */
export async function socketPair(): Promise<{ socket: WsSocket; stream: Duplex; far: WebSocket }> {
  const { http, url } = await startHttp();
  const upgrader = new WebSocketServer({ noServer: true });
  const accepted = new Promise<{ socket: WsSocket; stream: Duplex }>((resolve) => {
    http.once('upgrade', (request, stream, head) => {
      upgrader.handleUpgrade(request, stream, head, (ws) => {
        resolve({ socket: new WsSocket(ws, stream), stream });
      });
    });
  });
  const far = await openPlain(url);
  return { ...(await accepted), far };
}

/** The events of a client, in order, by name. */
export function record({ events }: Client): string[] {
  const names: string[] = [];
  for (const name of ['open', 'close', 'reconnecting', 'failed'] as const) {
    events.on(name, () => names.push(name));
  }
  return names;
}
