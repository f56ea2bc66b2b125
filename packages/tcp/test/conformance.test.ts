import { once } from 'node:events';
import { connect, type Socket as Stream } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { socketConformance } from '@swarm/conformance';
import { LIMITS, type Socket, type SocketServer, swarm1 } from '@swarm/core';
import { describe } from 'vitest';
import { helloFrame } from '../src/hello.ts';
import { type ListenOptions, listen } from '../src/index.ts';
import { TcpSocket } from '../src/socket.ts';
import { hasOpenssl, makeCertificates } from './certificates.ts';
import { HOST } from './fixture.ts';

/** Where accepted sockets go, by the URL they came with, instead of to nodes. */
const accepted = new Map<string, (socket: Socket) => void>();

const server: SocketServer = {
  limits: LIMITS,
  isOpen: true,
  events: { on: () => () => {}, emit: () => {} },
  createNode: async (socket, { id = '' }) => accepted.get(id)?.(socket),
};

socketConformance('tcp', () => {
  return fixture({}, (port) => {
    const stream = connect(port, HOST);
    return { stream, wire: stream };
  });
});

describe.skipIf(!hasOpenssl)('with the openssl command', () => {
  socketConformance('tls', () => {
    const { server: own, authority } = makeCertificates();
    return fixture({ tls: own }, (port) => {
      const wire = connect(port, HOST);
      const stream = connectTls({ socket: wire, ca: authority, servername: 'localhost' });
      return { stream, wire };
    });
  });
});

/** A connection, and what carries it, to be broken. */
interface Dialed {
  readonly stream: Stream | TLSSocket;
  readonly wire: Stream;
}

async function fixture(options: ListenOptions, dial: (port: number) => Dialed) {
  const listener = await listen(server, {
    host: HOST,
    accept: ({ url }) => ({ id: url }),
    ...options,
  });
  const { port } = listener;
  return { pair: () => connectPair(() => dial(port)), close: () => listener.close() };
}

let pairs = 0;

async function connectPair(dial: () => Dialed) {
  pairs += 1;
  const url = `/${pairs}`;
  const accepting = new Promise<Socket>((resolve) => accepted.set(url, resolve));
  const { stream, wire } = dial();
  stream.write(helloFrame({ dialect: swarm1.name, url, headers: {} }));
  const far = new TcpSocket(stream, LIMITS.socketFrameBytesMax, 'opening');
  // The welcome: until then it takes no messages.
  await once(stream, 'data');
  return { near: await accepting, far, sever: () => void wire.resetAndDestroy() };
}
