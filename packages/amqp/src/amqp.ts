import { unescape as unescapeText } from 'node:querystring';
import type { ConnectionOptions } from 'node:tls';
import { redactUrl, type Swarm } from '@swarm/core';
import { credentials, type SocketOptions } from 'amqplib';
import { type Address, dial } from './dial.ts';
import { failure } from './failure.ts';
import { AmqpLink, FRAME_BYTES_MAX } from './link.ts';

/** What is for the user to say: as whom to come, and how. They win over the URL. */
export interface AmqpOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Instead of them, such as `credentials.external()` of the library for a client certificate. */
  readonly credentials?: SocketOptions['credentials'] | undefined;
  /** Options of Node's `tls.connect`, such as `ca`, `cert`, `key`, `servername`. */
  readonly tls?: Readonly<ConnectionOptions> | undefined;
  /** What the server's list of connections shows. */
  readonly connectionName?: string | undefined;
}

/** Makes swarms of RabbitMQ servers; `schemes` is what their URLs begin with. */
export interface AmqpFactory {
  (url: string, options?: AmqpOptions): Swarm;
  readonly schemes: readonly string[];
}

/**
 * The swarm of a RabbitMQ server or cluster: `amqp://user:password@host:port/vhost`, where all but
 * the host is optional. `amqps:` is with TLS.
 *
 * @throws TypeError for a URL of another form.
 */
export const amqp: AmqpFactory = Object.assign(
  (url: string, options: AmqpOptions = {}): Swarm => {
    const place = redactUrl(url);
    const address = addressOf(url, options);
    return {
      name: 'amqp',
      // For a process that hangs, RabbitMQ holds messages until it ends its connection.
      capabilities: { frameBytesMax: FRAME_BYTES_MAX, detectsNoReceiver: true },
      connect: async (host) => {
        try {
          const link = new AmqpLink(host, place, (...args) => dial(address, ...args));
          await link.open();
          return link;
        } catch (cause) {
          throw failure(place, 'no', cause);
        }
      },
    };
  },
  { schemes: ['amqp:', 'amqps:'] },
);

const URL_FORM =
  /^amqp(s?):\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[\da-f:.]+\]|[^:@/?#[\]\s]+)(?::(\d+))?(?:\/([^/?#]*))?$/i;

function addressOf(url: string, options: AmqpOptions): Address {
  const parts = URL_FORM.exec(url);
  // Not shown: what has another form cannot be redacted for sure.
  if (parts === null) throw new TypeError('a URL is amqp://user:password@host:port/vhost');
  const [, secure = '', user = '', pass, host = '', port, vhost = ''] = parts;
  // Who has no name is the guest of the server's own machine.
  const { username = unescapeText(user || 'guest'), connectionName } = options;
  const { password = unescapeText(pass ?? (user === '' ? 'guest' : '')) } = options;
  const { tls = secure === '' ? null : {} } = options;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (tls === null ? 5672 : 5671)),
    tls,
    vhost: vhost === '' ? '/' : unescapeText(vhost),
    credentials: options.credentials ?? credentials.plain(username, password),
    connectionName,
  };
}
