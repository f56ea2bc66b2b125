import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { type ConnectionOptions, connect as connectSecure } from 'node:tls';
import type { ChannelModel, SocketOptions } from 'amqplib';

/** Whom to reach, and as whom. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Null for none. */
  readonly tls: Readonly<ConnectionOptions> | null;
  readonly vhost: string;
  readonly credentials: NonNullable<SocketOptions['credentials']>;
  readonly connectionName: string | undefined;
}

/**
 * The core notices sooner that a link is dead; this is for links without it, and the server, which
 * hangs up on whoever it has not heard for two of them: a process may stand still for a while.
 */
const HEARTBEAT_S = 6;
/** Longer messages are split; it is what RabbitMQ takes by default. */
const FRAME_BYTES_MAX = 131_072;

/**
 * Does what `connect` of the library does, with two differences. The signal ends it at any stage.
 * And `watch` sees the connection before it is open: by the library, nobody can listen to its
 * errors until its promise is heard, and an error before that ends the process.
 */
export function dial(
  address: Address,
  signal: AbortSignal,
  watch: (connection: ChannelModel) => void,
): Promise<ChannelModel> {
  return new Promise((resolve, reject) => {
    const { host, port, tls } = address;
    const target = { ...tls, host, port, signal };
    // Node does not tell the name to a server by itself.
    const servername = tls?.servername ?? (isIP(host) === 0 ? host : '');
    const socket: Socket =
      tls === null ? connectPlain(target) : connectSecure({ ...target, servername });
    socket.setNoDelay().setKeepAlive(true, 5_000).on('error', reject);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      const connection = new Connection(socket);
      const model = new Model(connection);
      watch(model);
      connection.open(handshake(address), (error) => {
        if (error === null) return resolve(model);
        socket.destroy();
        reject(isUnopened(error) ? new Error(UNOPENED, { cause: error }) : error);
      });
    });
  });
}

const UNOPENED =
  'RabbitMQ does not open the virtual host: perhaps it is not there, not for this user, or full';

/** The library keeps the reason to itself. */
function isUnopened({ message }: Error): boolean {
  return message.startsWith('Expected ConnectionOpenOk; got <ConnectionClose');
}

function handshake({ credentials, vhost, connectionName }: Address): object {
  const capabilities = {
    ...{ 'connection.blocked': true, consumer_cancel_notify: true },
    // Otherwise it hangs up without a word.
    authentication_failure_close: true,
  };
  return {
    clientProperties: {
      product: '@swarm/amqp',
      capabilities,
      ...(connectionName !== undefined && { connection_name: connectionName }),
    },
    mechanism: credentials.mechanism,
    response: credentials.response(),
    locale: 'en_US',
    channelMax: 0,
    frameMax: FRAME_BYTES_MAX,
    heartbeat: HEARTBEAT_S,
    virtualHost: vhost,
    capabilities: '',
    insist: 0,
  };
}

/** What the library has inside, and tells nobody. */
interface Inside extends EventEmitter {
  open(fields: object, opened: (error: Error | null) => void): void;
}

const require: NodeJS.Require = createRequire(import.meta.url);
const folder: string = join(dirname(require.resolve('amqplib')), 'lib');
const { Connection } = require(join(folder, 'connection.js')) as {
  readonly Connection: new (socket: Socket) => Inside;
};
const { ChannelModel: Model } = require(join(folder, 'channel_model.js')) as {
  readonly ChannelModel: new (connection: Inside) => ChannelModel;
};
