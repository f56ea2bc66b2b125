import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import {
  NatsConnectionImpl,
  type NodeConnectionOptions,
  setTransportFactory,
} from '@nats-io/transport-node';
import { NodeTransport, nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js';
import type { NatsConnection } from './connection.ts';

/** The options are all that a transport is told of the dialing it is for; others' have no sockets. */
type DialOptions = NodeConnectionOptions & { readonly sockets?: Set<Socket> };

/**
 * Does what `connect` of the library does, but leaves no socket behind when it gives up: neither
 * one that is still connecting nor one whose server says nothing (nats-io/nats.js#64).
 */
export async function dial(options: NodeConnectionOptions): Promise<NatsConnection> {
  const sockets = new Set<Socket>();
  const dialOptions: DialOptions = { ...options, sockets };
  setTransportFactory({ factory: newTransport, dnsResolveFn: nodeResolveHost });
  try {
    return await NatsConnectionImpl.connect(dialOptions);
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error;
  }
}

function newTransport(): NodeTransport {
  const transport = new NodeTransport();
  transport.dial = async ({ port, hostname }) => {
    const socket = createConnection(port, hostname).setNoDelay();
    (transport.options as DialOptions).sockets?.add(socket);
    await once(socket, 'connect');
    return socket;
  };
  return transport;
}
