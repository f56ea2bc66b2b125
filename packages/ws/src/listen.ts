import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Acceptance,
  type Decision,
  type Dialect,
  isRefusal,
  type Refusal,
  type SocketServer,
  SwarmError,
  swarm1,
  swarmJson,
} from '@swarm/core';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { Heartbeat } from './heartbeat.ts';
import { writeRefusal } from './refusal.ts';
import { WsSocket } from './socket.ts';

/** Where clients come in, and who may. */
export interface ListenOptions {
  /** Port of a server of our own; 0 lets the system choose. */
  readonly port?: number;
  readonly host?: string;
  /** Or a server that is there; it keeps everything but upgrades of this path. */
  readonly server?: HttpServer | HttpsServer;
  /** Path of the upgrade; default any. */
  readonly path?: string;
  /**
   * Decides who comes in, before the connection is a WebSocket: says who the client is, or
   * returns or throws `refuse(401)`. What else it throws is a 500. Default: everybody, nameless.
   */
  readonly accept?: (request: IncomingMessage) => Decision | Promise<Decision>;
  /** Values of `Origin` that browsers may come from; default any. */
  readonly origins?: readonly string[];
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

/** By subprotocol. */
const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  [swarm1.name, swarm1],
  [swarmJson.name, swarmJson],
]);

/** Our listeners on each HTTP server; there may be one for each path. */
const OURS: WeakMap<HttpServer | HttpsServer, Set<WsListener>> = new WeakMap();

/**
 * Let clients in by WebSocket, until the server closes. Rejects when the port cannot be had, or
 * with `closed` when the server is closed already.
 */
export async function listen(server: SocketServer, options: ListenOptions): Promise<Listener> {
  if (!server.isOpen) throw closedError();
  const http = options.server ?? ownServer();
  const listener = new WsListener(server, http, options);
  if (options.server === undefined) await listener.open();
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

/** Patience with those who connect and say nothing: seconds, not the minutes of the default. */
function ownServer(): HttpServer {
  const timeouts = { headersTimeout: 5_000, requestTimeout: 10_000 };
  const checks = { connectionsCheckingInterval: 1_000, maxHeaderSize: 8_192 };
  return createServer({ ...timeouts, ...checks }, (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end('This is a WebSocket server.\n');
  });
}

class WsListener implements Listener {
  readonly #server: SocketServer;
  readonly #http: HttpServer | HttpsServer;
  readonly #options: ListenOptions;
  readonly #upgrader: WebSocketServer;
  readonly #heartbeat: Heartbeat;
  readonly #onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  port = 0;
  /** Those who wait for the decision of `accept`, each with what ends its waiting. */
  readonly #pending: Set<() => void> = new Set();
  #unlisten: () => void = () => {};
  #closing: Promise<void> | null = null;

  constructor(server: SocketServer, http: HttpServer | HttpsServer, options: ListenOptions) {
    const { heartbeatMs = 15_000, heartbeatStrikesMax = 2 } = options;
    this.#server = server;
    this.#http = http;
    this.#options = options;
    this.#heartbeat = new Heartbeat(heartbeatMs, heartbeatStrikesMax);
    this.#upgrader = new WebSocketServer(upgradeOptions(server));
    this.#onUpgrade = (request, socket, head) => void this.#upgrade(request, socket, head);
    http.on('upgrade', this.#onUpgrade);
    OURS.set(http, (OURS.get(http) ?? new Set()).add(this));
  }

  /** Have the port opened. */
  open(): Promise<void> {
    const { port = 0, host } = this.#options;
    return new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject);
        // Connections that cannot be accepted, as when there are too many files, end no process.
        this.#http.on('error', (cause) => {
          this.#server.events.emit('refused', { status: 503, cause });
        });
        resolve();
      });
    });
  }

  /** The port is open: from now on this ends with the server. */
  opened(): void {
    this.port = (this.#http.address() as AddressInfo | null)?.port ?? 0;
    this.#unlisten = this.#server.events.on('close', () => void this.close());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#http.off('upgrade', this.#onUpgrade);
    OURS.get(this.#http)?.delete(this);
    for (const stopWaiting of this.#pending) stopWaiting();
    this.#unlisten();
    for (const socket of this.#heartbeat.sockets) {
      socket.close(1001, 'the server is closing');
      // Its node ends now, however long the client takes to answer.
      socket.closed(1001, 'the server is closing');
    }
    if (this.#options.server !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      // Whoever is neither a client nor waits for an answer; the rest end by themselves.
      setImmediate(() => this.#http.closeAllConnections());
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // From the first line on: a client that resets while we decide must not end the process.
    socket.on('error', () => socket.destroy());
    if (!this.#isOurs(request)) return this.#leave(request, socket);
    if (this.#pending.size >= this.#server.limits.pendingConnectionsMax) {
      return this.#refuse(socket, 503, 'pendingConnectionsMax');
    }
    const decision = await this.#decide(request);
    if (socket.destroyed) return;
    if (isRefusal(decision)) return this.#refuse(socket, decision.status, null);
    if (this.#closing !== null || !this.#server.isOpen) return this.#refuse(socket, 503, 'closing');
    this.#upgrader.handleUpgrade(request, socket, head, (ws) => {
      this.#admit(ws, socket, decision);
    });
  }

  /** The path is another's, or nobody's: then the first of our listeners says so. */
  #leave(request: IncomingMessage, socket: Duplex): void {
    const ours = [...(OURS.get(this.#http) ?? [])];
    const isNobodys = !ours.some((listener) => listener.#isOurs(request));
    if (isNobodys && ours[0] === this && this.#http.listenerCount('upgrade') === ours.length) {
      writeRefusal(socket, 404);
    }
  }

  #isOurs(request: IncomingMessage): boolean {
    const { path } = this.#options;
    return path === undefined || request.url?.split('?', 1)[0] === path;
  }

  /** Never rejects: whatever `accept` does, the client gets an answer in time. */
  async #decide(request: IncomingMessage): Promise<Acceptance | Refusal> {
    const { accept, origins, acceptTimeoutMs = 10_000 } = this.#options;
    const { origin } = request.headers;
    if (origins !== undefined && origin !== undefined && !origins.includes(origin)) {
      return { refused: true, status: 403 };
    }
    if (accept === undefined) return {};
    let timer: NodeJS.Timeout | undefined;
    let stopWaiting = () => {};
    try {
      const impatience = new Promise<Refusal>((resolve) => {
        timer = setTimeout(() => resolve({ refused: true, status: 408 }), acceptTimeoutMs);
        stopWaiting = () => resolve({ refused: true, status: 503 });
      });
      this.#pending.add(stopWaiting);
      return (await Promise.race([accept(request), impatience])) ?? {};
    } catch (thrown) {
      if (isRefusal(thrown)) return thrown;
      this.#server.events.emit('refused', { status: 500, cause: thrown });
      return { refused: true, status: 500 };
    } finally {
      clearTimeout(timer);
      this.#pending.delete(stopWaiting);
    }
  }

  #refuse(socket: Duplex, status: number, cause: unknown): void {
    if (status !== 500) this.#server.events.emit('refused', { status, cause });
    writeRefusal(socket, status);
  }

  /** Synchronous up to the node's listeners, so that no message can come before them. */
  #admit(ws: WebSocket, stream: Duplex, { id, auth, data }: Acceptance): void {
    const socket = new WsSocket(ws, stream);
    // Who names a dialect listens already; who names none may be the original client.
    const dialect = DIALECTS.get(ws.protocol);
    this.#heartbeat.add(socket);
    this.#server.createNode(socket, { id, auth, data, dialect }).catch((cause: unknown) => {
      socket.close(1011, 'no node could be made');
      this.#server.events.emit('refused', { status: 500, cause });
    });
  }
}

function upgradeOptions({ limits }: SocketServer): ServerOptions {
  const untyped = { closeTimeout: 2_000 };
  return {
    noServer: true,
    clientTracking: false,
    maxPayload: limits.socketFrameBytesMax,
    maxFragments: limits.socketFragmentsMax,
    maxBufferedChunks: limits.socketChunksMax,
    perMessageDeflate: false,
    // With asynchronous events every message has a turn of its own, and no write is ever shared.
    allowSynchronousEvents: true,
    handleProtocols: (offered) => [...offered].find((name) => DIALECTS.has(name)) ?? false,
    ...untyped,
  };
}
