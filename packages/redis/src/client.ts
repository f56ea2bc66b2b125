import { isIP } from 'node:net';
import type { Writable } from 'node:stream';
import { Command, type RedisOptions as IoredisOptions, Redis } from 'ioredis';
import { isReply } from './failure.ts';

/** What of ioredis is for the user to say: whom to reach, and as whom. */
export type RedisOptions = Readonly<
  Pick<IoredisOptions, 'username' | 'password' | 'tls' | 'family' | 'connectionName'> &
    Pick<IoredisOptions, 'sentinels' | 'name' | 'sentinelUsername' | 'sentinelPassword'> &
    Pick<IoredisOptions, 'sentinelTLS' | 'enableTLSForSentinelMode' | 'natMap'>
>;

/** What a URL says. */
export interface Address extends Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  readonly host: string;
  readonly port: number;
}

/** One connection to Redis. */
export type Client = Redis;

/**
 * A client dials once, fails at once, and keeps nothing for later. It has no `commandTimeout`,
 * which would be a timer for every PUBLISH, and no `socketTimeout`, which would end subscribers
 * that hear nothing: whether a link lives, the core finds out.
 */
const FAIL_FAST: Omit<IoredisOptions, 'replyMapping'> = {
  lazyConnect: true,
  retryStrategy: null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: null,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 3_000,
  sentinelCommandTimeout: 3_000,
  // What was published before a close has so long to leave.
  disconnectTimeout: 1_000,
  keepAlive: 5_000,
  noDelay: true,
  // HELLO says what we need, and pub/sub works while Redis loads its data.
  enableReadyCheck: false,
  // So that what Redis says of a connection it refuses is not taken for the answer to CLIENT.
  disableClientInfo: true,
  // With RESP 3, ioredis makes one text more of each message.
  protocol: 2,
};

export function createClient(address: Address, options: RedisOptions): Client {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  const { tls = address.tls, sentinels } = options;
  // Node does not tell the name to a server by itself. Sentinels name another one.
  const named = sentinels === undefined && isIP(address.host) === 0;
  const secure = tls && { tls: { ...(named && { servername: address.host }), ...tls } };
  return new Redis({ ...address, ...Object.fromEntries(said), ...secure, ...FAIL_FAST });
}

/**
 * Resolves when commands can be sent to a primary.
 *
 * @throws Error for any other: what is published on a replica stays there, and PUBLISH in a Cluster
 *   counts the receivers of one of its nodes only.
 */
export async function dial(client: Client): Promise<void> {
  await client.connect();
  const hello = await client.hello(2);
  const [mode, role] = ['mode', 'role'].map((name) => hello[hello.indexOf(name) + 1]);
  if (mode !== 'standalone') throw new Error(`not a single Redis, but one in ${mode} mode`);
  if (role !== 'master') throw new Error(`not a primary, but a ${role}`);
}

/** Resolves when the connection is gone. Only a patient end waits for what was sent to leave. */
export function end(client: Client, patience: 'patient' | 'at once'): Promise<void> {
  if (client.status === 'end') return Promise.resolve();
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  client.disconnect();
  // There is no stream yet while the address is being looked for.
  if (patience === 'at once') client.stream?.destroy();
  return ended;
}

const CRLF = Buffer.from('\r\n');
/** Up to here, copying a payload next to its head costs less than writing it by itself. */
const COPIED_BYTES_MAX = 4_096;

/**
 * A PUBLISH that writes itself and calls back at once. When ioredis writes it, and a promise brings
 * the answer, a message costs half as much again on its whole way.
 */
export class Publish extends Command {
  readonly #subject: string;
  readonly #payload: Uint8Array;

  /** `unheard` is called if Redis counts no deliveries, or refuses. */
  constructor(subject: string, payload: Uint8Array, unheard: () => void) {
    super('publish');
    this.#subject = subject;
    this.#payload = payload;
    this.resolve = (count: number) => {
      if (count === 0) unheard();
    };
    // Anything but a reply means that the connection has ended, and that is told elsewhere.
    this.reject = (error) => {
      if (isReply(error)) unheard();
    };
  }

  override toWritable(stream: Writable): Buffer {
    const [subject, payload] = [this.#subject, this.#payload];
    const head = `*3\r\n$7\r\nPUBLISH\r\n$${subject.length}\r\n${subject}\r\n$${payload.length}\r\n`;
    if (payload.length > COPIED_BYTES_MAX) {
      stream.write(head, 'latin1');
      stream.write(payload);
      return CRLF;
    }
    const bytes = Buffer.allocUnsafe(head.length + payload.length + CRLF.length);
    bytes.write(head, 'latin1');
    bytes.set(payload, head.length);
    bytes.set(CRLF, head.length + payload.length);
    return bytes;
  }
}
