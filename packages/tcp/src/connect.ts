import { connect as connectTcp, isIP, type Socket as Stream } from 'node:net';
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type SecureContextOptions,
} from 'node:tls';
import {
  type AnyContract,
  type Client,
  type ClientOptions,
  createClient,
  LIMITS,
  type Socket,
  swarm1,
} from '@swarm/core';
import { helloFrame } from './hello.ts';
import { TcpSocket } from './socket.ts';

/** How a client connects by TCP or TLS. */
export interface ConnectOptions<C extends AnyContract = undefined> extends ClientOptions<C> {
  /** Sent with the hello: the place for a token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `tls:`; certificates that are not trusted by default, and the client's own. */
  readonly tls?: TlsClientOptions;
}

/** How a client trusts a server, and says who it is. */
export type TlsClientOptions = SecureContextOptions &
  Pick<ConnectionOptions, 'rejectUnauthorized' | 'servername' | 'checkServerIdentity'>;

/**
 * Connect to a server's `listen`. Returns at once: calls wait for the connection, `ready()` tells
 * when it is there, `close()` ends it for good. A refusal with 401 or 403 is final, as
 * `unauthorized` and `forbidden`.
 *
 * @throws TypeError for what is no `tcp:` or `tls:` URL with a host and a port, for headers that do
 *   not fit into a hello, and for `tls` without a `tls:` URL; what OpenSSL says of certificates that
 *   it cannot read.
 */
export function connect<C extends AnyContract = undefined>(
  url: string | URL,
  options: ConnectOptions<C> = {},
): Client<C> {
  const target = new URL(url);
  check(target);
  const { dialect = swarm1, headers = {}, limits } = options;
  const path = `${target.pathname || '/'}${target.search}`;
  const hello = helloFrame({ dialect: dialect.name, url: path, headers });
  const { socketFrameBytesMax } = { ...LIMITS, ...limits };
  const open = opener(target, options.tls);
  const dial = (): Socket => {
    const stream = open();
    // Waits in the stream until there is a connection.
    stream.write(hello);
    return new TcpSocket(stream, socketFrameBytesMax, 'opening');
  };
  return createClient(dial, { ...options, dialect });
}

function check({ protocol, hostname, port, username, password, hash }: URL): void {
  if (protocol !== 'tcp:' && protocol !== 'tls:') {
    throw new TypeError(`not a tcp: or tls: URL: ${protocol}`);
  }
  if (hostname === '' || hostname.includes('%')) throw new TypeError(`not a host: "${hostname}"`);
  if (port === '' || port === '0') throw new TypeError('a TCP URL needs a port');
  if (username !== '' || password !== '' || hash !== '') {
    throw new TypeError('a TCP URL has no user, password or fragment: tokens go into `headers`');
  }
}

/** What makes a connection whenever one is needed. */
function opener(target: URL, tls: TlsClientOptions | undefined): () => Stream {
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(target.port);
  if (target.protocol === 'tcp:') {
    if (tls !== undefined) throw new TypeError('`tls` is for a tls: URL: tcp: is never secure');
    return () => connectTcp({ host, port });
  }
  // An address is no name that a server could choose its certificate by.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const secureContext = createSecureContext(tls);
  return () => connectTls({ ...servername, ...tls, secureContext, host, port });
}
