import { type AddressInfo, createServer, type Server, type Socket as Stream } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, Server as TlsServer } from 'node:tls';
import {
  type Acceptance,
  type Dialect,
  isRefusal,
  type SocketServer,
  SwarmError,
  swarm1,
  swarmJson,
} from '@swarm/core';
import { type Answer, Decisions } from './decisions.ts';
import { FRAME, refusedFrame, WELCOME } from './frame.ts';
import { hangUp } from './hang-up.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Hello, type Introduction, readHello } from './hello.ts';
import { Lobby } from './lobby.ts';
import { FrameReader } from './reader.ts';
import { TcpSocket } from './socket.ts';

/** Where clients come in, and who may. */
export interface ListenOptions {
  /** Port of a server of our own; 0 lets the system choose. */
  readonly port?: number;
  readonly host?: string;
  /** Key and certificate of a server of our own, and how clients show theirs; default no TLS. */
  readonly tls?: TlsOptions;
  /** Or a server that is there, with or without TLS, listening; all its connections are ours. */
  readonly server?: Server | TlsServer;
  /**
   * Decides who comes in: says who the client is, or returns or throws `refuse(401)`. What else it
   * throws is a 500. Default: everybody, nameless.
   */
  readonly accept?: (hello: Hello) => Answer;
  /** Time for the TLS handshake, and again for the client's hello, in ms; default 5,000. */
  readonly handshakeTimeoutMs?: number;
  /** Time for `accept` to decide, in ms; default 10,000. */
  readonly acceptTimeoutMs?: number;
  /** Interval of the heartbeat in ms, default 15,000; a client dies after so many silent ones. */
  readonly heartbeatMs?: number;
  readonly heartbeatStrikesMax?: number;
}

/** What lets clients in. */
export interface Listener {
  readonly port: number;
  /** Listen no more, and close the clients that came in by here with 1001. */
  close(): Promise<void>;
}

/** By what a hello says. */
const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  [swarm1.name, swarm1],
  [swarmJson.name, swarmJson],
]);

/**
 * Let clients in by TCP or TLS, until the server closes. Rejects when the port cannot be had, when
 * OpenSSL cannot read a certificate, or with `closed` when the server is closed already.
 */
export async function listen(server: SocketServer, options: ListenOptions): Promise<Listener> {
  if (!server.isOpen) throw closedError();
  const { tls, server: net } = options;
  if (net !== undefined && tls !== undefined) {
    throw new TypeError('`tls` is for a server of our own: `server` has its own certificate');
  }
  const own = () => (tls === undefined ? createServer() : createTlsServer(tls));
  const listener = new TcpListener(server, net ?? own(), options);
  if (net === undefined) await listener.open();
  if (!server.isOpen) {
    await listener.close();
    throw closedError();
  }
  listener.opened();
  return listener;
}

function closedError(): SwarmError {
  return new SwarmError('the server is closed', { subtype: 'closed', delivered: 'no' });
}

class TcpListener implements Listener {
  readonly #server: SocketServer;
  readonly #net: Server;
  readonly #options: ListenOptions;
  readonly #heartbeat: Heartbeat;
  readonly #lobby: Lobby;
  readonly #decisions: Decisions;
  readonly #listeners: readonly (readonly [string, (stream: Stream) => void])[];
  port = 0;
  #unlisten: () => void = () => {};
  #closing: Promise<void> | null = null;

  constructor(server: SocketServer, net: Server, options: ListenOptions) {
    const { heartbeatMs = 15_000, heartbeatStrikesMax = 2 } = options;
    const { handshakeTimeoutMs = 5_000, acceptTimeoutMs = 10_000 } = options;
    this.#server = server;
    this.#net = net;
    this.#options = options;
    this.#heartbeat = new Heartbeat(heartbeatMs, heartbeatStrikesMax);
    this.#lobby = new Lobby(server.limits.pendingConnectionsMax, handshakeTimeoutMs);
    this.#decisions = new Decisions(acceptTimeoutMs);
    const greet = (stream: Stream) => this.#greet(stream);
    this.#listeners =
      net instanceof TlsServer
        ? [
            ['connection', (stream: Stream) => this.#shakeHands(stream)],
            ['secureConnection', greet],
          ]
        : [['connection', greet]];
    for (const [event, listener] of this.#listeners) net.on(event, listener);
  }

  /** Have the port opened. */
  open(): Promise<void> {
    const { port = 0, host } = this.#options;
    return new Promise<void>((resolve, reject) => {
      this.#net.once('error', reject);
      this.#net.listen(port, host, () => {
        this.#net.off('error', reject);
        // Connections that cannot be accepted, as when there are too many files, end no process.
        this.#net.on('error', (cause) => this.#refused(503, cause));
        resolve();
      });
    });
  }

  /** The port is open: from now on this ends with the server. */
  opened(): void {
    this.port = (this.#net.address() as AddressInfo | null)?.port ?? 0;
    this.#unlisten = this.#server.events.on('close', () => void this.close());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const [event, listener] of this.#listeners) this.#net.off(event, listener);
    this.#lobby.close();
    this.#decisions.stop();
    this.#unlisten();
    for (const socket of this.#heartbeat.sockets) {
      socket.close(1001, 'the server is closing');
      // Its node ends now, however long the client takes to hang up.
      socket.closed(1001, 'the server is closing');
    }
    if (this.#options.server !== undefined) return;
    await new Promise<void>((resolve) => this.#net.close(() => resolve()));
  }

  /** A connection that will be secure, and then come as another stream. */
  #shakeHands(stream: Stream): void {
    stream.on('error', ignore);
    this.#lobby.enter(nameOf(stream), stream);
  }

  /** Wait for the hello. */
  #greet(stream: Stream): void {
    // From the first line on: a client that resets while we decide must not end the process.
    stream.on('error', ignore);
    this.#lobby.leave(nameOf(stream));
    this.#lobby.enter(stream, stream);
    const reader = new FrameReader(this.#server.limits.helloBytesMax);
    const onData = (chunk: Buffer) => {
      reader.push(chunk);
      const payload = reader.next();
      if (payload === null) return;
      stream.off('data', onData);
      // What comes behind the hello waits in the stream, up to its own bound.
      stream.pause();
      if (reader.rest().length > 0) stream.unshift(reader.rest());
      this.#lobby.leave(stream);
      const isHello = typeof payload !== 'string' && reader.type === FRAME.hello;
      void this.#answer(stream, isHello ? readHello(payload) : null);
    };
    stream.on('data', onData);
  }

  async #answer(stream: Stream, said: Introduction | null): Promise<void> {
    if (said === null) return this.#refuse(stream, 400, 'no hello');
    const dialect = DIALECTS.get(said.dialect);
    if (dialect === undefined) return this.#refuse(stream, 406, 'no such dialect');
    if (this.#decisions.size >= this.#server.limits.pendingConnectionsMax) {
      return this.#refuse(stream, 503, 'pendingConnectionsMax');
    }
    const { accept } = this.#options;
    const hello = { ...said, socket: stream };
    const { answer, cause } = await this.#decisions.wait(() => accept?.(hello));
    if (isRefusal(answer)) return this.#refuse(stream, answer.status, cause);
    if (stream.destroyed) return;
    if (this.#closing !== null || !this.#server.isOpen) return this.#refuse(stream, 503, 'closing');
    this.#admit(stream, dialect, answer);
  }

  #refuse(stream: Stream, status: number, cause: unknown): void {
    this.#refused(status, cause);
    hangUp(stream, refusedFrame(status));
  }

  #refused(status: number, cause: unknown): void {
    this.#server.events.emit('refused', { status, cause });
  }

  /** Synchronous up to the node's listeners, so that no message can come before them. */
  #admit(stream: Stream, dialect: Dialect, { id, auth, data }: Acceptance): void {
    stream.write(WELCOME);
    const socket = new TcpSocket(stream, this.#server.limits.socketFrameBytesMax, 'open');
    this.#heartbeat.add(socket);
    stream.resume();
    this.#server.createNode(socket, { id, auth, data, dialect }).catch((cause: unknown) => {
      socket.close(1011, 'no node could be made');
      this.#refused(500, cause);
    });
  }
}

/**
 * What a connection and the secure one made of it have in common. At a path of the file system all
 * have the same: then the latest is watched, and TLS itself has a longer patience with the others.
 */
function nameOf({ remoteAddress, remotePort, localAddress }: Stream): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

/** A stream that fails is destroyed, and says so by its `close`. */
function ignore(): void {}
