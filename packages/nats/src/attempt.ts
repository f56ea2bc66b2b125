import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import {
  NatsConnectionImpl,
  type NodeConnectionOptions,
  setTransportFactory,
} from '@nats-io/transport-node';
import { NodeTransport, nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js';
import type { NatsConnection } from './connection.ts';

/** The options are all that a transport is told of the attempt it is for; others' is for none. */
type AttemptOptions = NodeConnectionOptions & { readonly attempt?: Attempt };

/**
 * Does once what `connect` of the library does, but leaves no socket behind when it fails: neither
 * one that is still connecting nor one whose server says nothing (nats-io/nats.js#64).
 */
export class Attempt {
  readonly #sockets: Set<Socket> = new Set();
  #isAbandoned = false;

  async connect(options: NodeConnectionOptions): Promise<NatsConnection> {
    const attemptOptions: AttemptOptions = { ...options, attempt: this };
    setTransportFactory({ factory: newTransport, dnsResolveFn: nodeResolveHost });
    try {
      return await NatsConnectionImpl.connect(attemptOptions);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Whatever it has come to, nobody wants it any more. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const socket of this.#sockets) {
      // Only before it is connected is it we who wait; later there may be nobody who hears errors.
      if (socket.connecting) socket.destroy(new Error('given up'));
      else socket.destroy();
    }
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    // The library goes on with the next address of a name.
    if (this.#isAbandoned) this.abandon();
  }
}

function newTransport(): NodeTransport {
  const transport = new NodeTransport();
  transport.dial = async ({ port, hostname }) => {
    const socket = createConnection(port, hostname).setNoDelay();
    const connected = once(socket, 'connect');
    (transport.options as AttemptOptions).attempt?.add(socket);
    await connected;
    return socket;
  };
  return transport;
}
