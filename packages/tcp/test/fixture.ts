import { once } from 'node:events';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket as Stream,
} from 'node:net';
import {
  type Client,
  createServer,
  type Emitter,
  LIMITS,
  type Server,
  type ServerOptions,
  SwarmError,
} from '@swarm/core';
import { afterEach } from 'vitest';
import {
  type ConnectOptions,
  connect,
  type Listener,
  type ListenOptions,
  listen,
} from '../src/index.ts';
import { TcpSocket } from '../src/socket.ts';

export const HOST = '127.0.0.1';
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
  return { listener, url: `tcp://${HOST}:${listener.port}` };
}

/** A server that answers `echo`. */
export async function startEcho(
  options: ListenOptions = {},
  serverOptions: ServerOptions = {},
): Promise<Started> {
  const started = await start(options, serverOptions);
  started.server.client.on('echo', (_ctx, value) => value);
  return started;
}

/** A client of ours that is closed after the test. */
export function dial(url: string, options: ConnectOptions = {}): Client {
  const client = connect(url, { backoffBaseMs: 5, ...options });
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
export function watchUncaught(): unknown[] {
  const errors: unknown[] = [];
  const listener = (error: unknown) => errors.push(error);
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, listener);
    stopAfter(() => process.off(event, listener));
  }
  return errors;
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

export interface StartedNet {
  readonly net: NetServer;
  readonly port: number;
  readonly url: string;
  /** Its connections. */
  readonly streams: ReadonlySet<Stream>;
}

/** A listening TCP server of the application. */
export async function startNet(net: NetServer = createNetServer()): Promise<StartedNet> {
  const streams = new Set<Stream>();
  net.on('connection', (stream) => {
    streams.add(stream);
    stream.on('error', () => {});
    stream.on('close', () => streams.delete(stream));
    stopAfter(() => stream.destroy());
  });
  net.listen(0, HOST);
  await once(net, 'listening');
  stopAfter(() => net.close());
  const port = portOf(net);
  return { net, port, url: `tcp://${HOST}:${port}`, streams };
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const net = createNetServer().listen(0, HOST);
  await once(net, 'listening');
  const port = portOf(net);
  net.close();
  await once(net, 'close');
  return port;
}

export function portOf(server: NetServer): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

/** How a TCP connection to `port` ends: the error code, or null when somebody listens. */
export function probe(port: number): Promise<string | null> {
  const socket = connectTcp(port, HOST);
  return new Promise((resolve) => {
    socket.on('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}

/** Our socket on the accepting end of a real connection, and the stream at the other end. */
export async function socketPair(): Promise<{ socket: TcpSocket; stream: Stream; far: Stream }> {
  const { net, port } = await startNet();
  const accepted = once(net, 'connection');
  const far = connectTcp(port, HOST);
  far.on('error', () => {});
  stopAfter(() => far.destroy());
  const [stream]: Stream[] = await accepted;
  if (stream === undefined) throw new Error('nobody connected');
  const socket = new TcpSocket(stream, LIMITS.socketFrameBytesMax, 'open');
  return { socket, stream, far };
}

/** The events of a client, in order, by name. */
export function record({ events }: Client): string[] {
  const names: string[] = [];
  for (const name of ['open', 'close', 'reconnecting', 'failed'] as const) {
    events.on(name, () => names.push(name));
  }
  return names;
}
