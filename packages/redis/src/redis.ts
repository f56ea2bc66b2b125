import { unescape as unescapeText } from 'node:querystring';
import type { Capabilities, Swarm } from '@swarm/core';
import type { Address, RedisOptions } from './client.ts';
import { connect } from './connect.ts';
import { FRAME_BYTES_MAX } from './link.ts';

/** Makes swarms of Redis servers; `schemes` is what their URLs begin with. */
export interface RedisFactory {
  (url: string, options?: RedisOptions): Swarm;
  readonly schemes: readonly string[];
}

/**
 * Redis answers a publish with its deliveries. Those to pattern subscribers are among them, but for
 * a Cluster, and so are those to a process that hangs or was cut off, until Redis notices: then
 * there is no verdict.
 */
const CAPABILITIES: Capabilities = { frameBytesMax: FRAME_BYTES_MAX, detectsNoReceiver: true };

/**
 * The swarm of one Redis primary (6 or newer), carried by exact channels of its pub/sub; or of a
 * Redis Cluster (7 or newer), carried by sharded ones. Replicas are passed over, and so is whatever
 * does not answer: of several hosts, each link takes the first, in an order of chance, that can be
 * used.
 *
 * What a Cluster gives is failover. A namespace is in one shard, so that its links are all at one
 * node, the primary; when that one dies or hands over, they are lost, and meet again at the next. A
 * user there needs the channels `&{<namespace>}*`. Options win over what the URL says.
 *
 * @throws TypeError for a URL of another form than `redis://user:password@host:port,host:port`, all
 *   but one host optional; `rediss:` is with TLS. Channels belong to no database, so it names none.
 */
export const redis: RedisFactory = Object.assign(
  (url: string, options: RedisOptions = {}): Swarm => {
    const all = addressesOf(url);
    // Sentinels name the Redis themselves, however many hosts there are.
    const addresses = options.sentinels === undefined ? all : all.slice(0, 1);
    return {
      name: 'redis',
      capabilities: CAPABILITIES,
      connect: (host) => connect(host, { url, addresses, options }),
    };
  },
  { schemes: ['redis:', 'rediss:'] },
);

const URL_FORM = /^redis(s?):\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^@/?#]+?)(?:\/0?)?$/i;
const HOST_FORM = /^(\[[\da-f:.]+\]|[^:@/?#[\],]+)(?::(\d+))?$/i;

function addressesOf(url: string): readonly Address[] {
  const [, tls = '', username = '', password = '', hosts = ''] = URL_FORM.exec(url) ?? [];
  return hosts.split(',').map((text) => {
    const parts = HOST_FORM.exec(text);
    // Not shown: what has another form cannot be redacted for sure.
    if (parts === null) throw new TypeError('a URL of Redis is redis://user:password@host:port');
    const [, host = '', port = '6379'] = parts;
    return {
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      username: unescapeText(username),
      password: unescapeText(password),
      tls: tls === '' ? undefined : {},
    };
  });
}
