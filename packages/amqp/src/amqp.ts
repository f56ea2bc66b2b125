import { unescape as unescapeText } from 'node:querystring';
import type { ConnectionOptions } from 'node:tls';
import { redactUrl, type Swarm } from '@swarm/core';
import { credentials, type SocketOptions } from 'amqplib';
import { connect } from './connect.ts';
import type { Address } from './dial.ts';
import { FRAME_BYTES_MAX } from './link.ts';

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
 * the host is optional, and a cluster has several: `amqp://user:password@host,host:port/vhost`.
 * Each link is at one of them. `amqps:` is with TLS.
 *
 * @throws TypeError for a URL of another form.
 */
export const amqp: AmqpFactory = Object.assign(
  (url: string, options: AmqpOptions = {}): Swarm => {
    const place = redactUrl(url);
    const addresses = addressesOf(url, options);
    return {
      name: 'amqp',
      // For a process that hangs, RabbitMQ holds messages until it ends its connection.
      capabilities: { frameBytesMax: FRAME_BYTES_MAX, detectsNoReceiver: true },
      connect: (host) => connect(host, place, addresses),
    };
  },
  { schemes: ['amqp:', 'amqps:'] },
);

const HOST: RegExp = /(?:\[[\da-f:.]+\]|[^:@/?#[\],\s]+)(?::\d+)?/;
const URL_FORM = new RegExp(
  `^amqp(s?)://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(${HOST.source}(?:,${HOST.source})*)(?:/([^/?#]*))?$`,
  'i',
);

function addressesOf(url: string, options: AmqpOptions): readonly Address[] {
  const parts = URL_FORM.exec(url);
  // Not shown: what has another form cannot be redacted for sure.
  if (parts === null)
    throw new TypeError('a URL is amqp://user:password@host:port,host:port/vhost');
  const [, secure = '', user = '', pass, hosts = '', vhost = ''] = parts;
  // Who has no name is the guest of the server's own machine.
  const { username = unescapeText(user || 'guest'), connectionName } = options;
  const { password = unescapeText(pass ?? (user === '' ? 'guest' : '')) } = options;
  const { tls = secure === '' ? null : {} } = options;
  const common = {
    tls,
    vhost: vhost === '' ? '/' : unescapeText(vhost),
    credentials: options.credentials ?? credentials.plain(username, password),
    connectionName,
  };
  return hosts.split(',').map((each) => {
    const [, host = '', port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(each) ?? [];
    return { ...common, host, port: Number(port ?? (tls === null ? 5672 : 5671)) };
  });
}
