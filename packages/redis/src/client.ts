import { isIP } from 'node:net';
import { type RedisOptions as IoredisOptions, Redis } from 'ioredis';

/**
 * What of ioredis is for the user to say: whom to reach, and as whom. `natMap` says where the nodes
 * are that Sentinels and Clusters name, if they are elsewhere from here: by `host:port` as named.
 */
export type RedisOptions = Readonly<
  Pick<IoredisOptions, 'username' | 'password' | 'tls' | 'family' | 'connectionName'> &
    Pick<IoredisOptions, 'sentinels' | 'name' | 'sentinelUsername' | 'sentinelPassword'> &
    Pick<IoredisOptions, 'sentinelTLS' | 'enableTLSForSentinelMode' | 'natMap'>
>;

/** Where a Redis listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What a URL says of one of its hosts. */
export interface Address extends Place, Pick<RedisOptions, 'username' | 'password' | 'tls'> {}

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

/** What a Redis says of itself, by the names that HELLO gives it. */
export async function greet(client: Client): Promise<ReadonlyMap<string, string>> {
  const said = (await client.hello(2)).map(String);
  return new Map(said.flatMap((name, i) => (i % 2 === 0 ? [[name, said[i + 1] ?? '']] : [])));
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
