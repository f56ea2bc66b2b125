import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Fault, Lane, reset } from './lane.ts';
import { HOST, type ReservedPort, reservePort } from './port.ts';

/**
 * A network that can be made to fail, in front of a broker. Faults add up until `pass`, and concern
 * the connections there are, with what is on its way in them, as well as later ones.
 *
 * It accepts a connection before it dials the broker: where there is none, it resets it then.
 */
export interface FaultProxy {
  readonly port: number;
  /** How many it has open to a client or to the broker. */
  readonly connections: number;
  /** Such as `redis://127.0.0.1:20000`. */
  url(scheme: string): string;
  /** Everything takes this much longer, each way. */
  delay(ms: number): void;
  /**
   * Nothing gets through any more, not even the end of a connection; connections stay. As TCP does
   * when a network heals, `pass` delivers late what was sent meanwhile, unless `cut` came first.
   */
  drop(): void;
  /** The same for what clients send only. */
  dropToBroker(): void;
  /** The same for what the broker sends only. */
  dropToClient(): void;
  /** Resets all connections there are, and what is on its way in them is lost. */
  cut(): void;
  /** New connections are refused; those there are go on. */
  refuse(): void;
  /** Ends all faults. Resolves when connections are accepted. */
  pass(): Promise<void>;
  /** Resets all connections and accepts no more. Idempotent, and final. */
  close(): Promise<void>;
}

/** Puts a proxy of its own, on a free port of the loopback interface, in front of a port there. */
export async function proxyTo(port: number): Promise<FaultProxy> {
  const proxy = new RunningProxy(await reservePort(), port);
  await proxy.pass();
  return proxy;
}

interface Connection {
  readonly sockets: readonly Socket[];
  readonly toBroker: Lane;
  readonly toClient: Lane;
}

const NO_FAULT: Fault = { delayMs: 0, isBlocked: false };

class RunningProxy implements FaultProxy {
  readonly port: number;
  readonly #reserved: ReservedPort;
  readonly #brokerPort: number;
  readonly #connections: Set<Connection> = new Set();
  #server: Server | null = null;
  #isClosed = false;
  #toBroker: Fault = NO_FAULT;
  #toClient: Fault = NO_FAULT;

  constructor(reserved: ReservedPort, brokerPort: number) {
    this.port = reserved.port;
    this.#reserved = reserved;
    this.#brokerPort = brokerPort;
  }

  get connections(): number {
    return this.#connections.size;
  }

  url(scheme: string): string {
    return `${scheme}://${HOST}:${this.port}`;
  }

  delay(ms: number): void {
    this.#suffer({ ...this.#toBroker, delayMs: ms }, { ...this.#toClient, delayMs: ms });
  }

  drop(): void {
    this.dropToBroker();
    this.dropToClient();
  }

  dropToBroker(): void {
    this.#suffer({ ...this.#toBroker, isBlocked: true }, this.#toClient);
  }

  dropToClient(): void {
    this.#suffer(this.#toBroker, { ...this.#toClient, isBlocked: true });
  }

  cut(): void {
    for (const { sockets } of this.#connections) {
      for (const socket of sockets) reset(socket);
    }
    this.#connections.clear();
  }

  refuse(): void {
    this.#server?.close();
    this.#server = null;
  }

  async pass(): Promise<void> {
    if (this.#isClosed) throw new TypeError('the proxy is closed for good');
    this.#suffer(NO_FAULT, NO_FAULT);
    if (this.#server !== null) return;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#accept(client);
    });
    this.#server.listen(this.port, HOST);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#isClosed = true;
    this.refuse();
    this.cut();
    this.#reserved.release();
    if (server !== null) await once(server, 'close');
  }

  #suffer(toBroker: Fault, toClient: Fault): void {
    this.#toBroker = toBroker;
    this.#toClient = toClient;
    for (const connection of this.#connections) {
      connection.toBroker.fault = toBroker;
      connection.toClient.fault = toClient;
    }
  }

  #accept(client: Socket): void {
    const target = { port: this.#brokerPort, host: HOST, allowHalfOpen: true, noDelay: true };
    const broker = connect(target);
    const connection: Connection = {
      sockets: [client, broker],
      toBroker: new Lane(client, broker, this.#toBroker),
      toClient: new Lane(broker, client, this.#toClient),
    };
    this.#connections.add(connection);
    for (const socket of connection.sockets) {
      // Its close follows, and that is what the lanes pass on.
      socket.on('error', () => {});
      socket.once('close', () => {
        if (client.closed && broker.closed) this.#connections.delete(connection);
      });
    }
  }
}
