import { type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http';
import type { SecureContextOptions } from 'node:tls';
import {
  type AnyContract,
  type Client,
  type ClientOptions,
  createClient,
  type Dialect,
  LIMITS,
  swarm1,
} from '@swarm/core';
import { WebSocket } from 'ws';
import { WsSocket } from './socket.ts';

/** How a client connects by WebSocket. */
export interface ConnectOptions<C extends AnyContract = undefined> extends ClientOptions<C> {
  /** What the two ends speak; default `swarm.1`. */
  readonly dialect?: Dialect | undefined;
  /** Sent with the upgrade: the place for a token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `wss:`; certificates that are not trusted by default. */
  readonly tls?: SecureContextOptions & { readonly rejectUnauthorized?: boolean };
}

/**
 * Connect to a server's `listen`. Returns at once: calls wait for the connection, `ready()` tells
 * when it is there, `close()` ends it for good. A refusal with 401 or 403 is final, as
 * `unauthorized` and `forbidden`.
 *
 * @throws TypeError for what is no `ws:` or `wss:` URL, for `tls` with the former, or for no header.
 */
export function connect<C extends AnyContract = undefined>(
  url: string | URL,
  options: ConnectOptions<C> = {},
): Client<C> {
  const target = new URL(url);
  if (target.protocol !== 'ws:' && target.protocol !== 'wss:') {
    throw new TypeError(`not a ws: or wss: URL: ${target.protocol}`);
  }
  if (target.protocol === 'ws:' && options.tls !== undefined) {
    throw new TypeError('`tls` is for wss: URLs, and this one is not secure');
  }
  if (target.hash !== '') throw new TypeError('a WebSocket URL has no fragment');
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const { dialect = swarm1 } = options;
  return createClient(() => dial(target, dialect, options), { ...options, dialect });
}

function dial(url: URL, dialect: Dialect, options: ConnectOptions<AnyContract>): WsSocket {
  const limits = { ...LIMITS, ...options.limits };
  const untyped = { closeTimeout: 2_000 };
  const ws = new WebSocket(url, [dialect.name], {
    ...options.tls,
    ...(options.headers !== undefined && { headers: options.headers }),
    handshakeTimeout: options.openTimeoutMs ?? 10_000,
    maxPayload: limits.socketFrameBytesMax,
    maxFragments: limits.socketFragmentsMax,
    maxBufferedChunks: limits.socketChunksMax,
    perMessageDeflate: false,
    allowSynchronousEvents: true,
    ...untyped,
  });
  const socket = new WsSocket(ws, null);
  ws.on('unexpected-response', (_request, response: IncomingMessage) => {
    const { statusCode = 0 } = response;
    response.destroy();
    const isFinal = statusCode === 401 || statusCode === 403;
    socket.closed(isFinal ? 4000 + statusCode : 1006, `refused with ${statusCode}`);
  });
  return socket;
}
