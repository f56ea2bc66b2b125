import { unescape as unescapeText } from 'node:querystring';
import type { Capabilities, Swarm } from '@swarm/core';
import { type Address, createClient, type RedisOptions } from './client.ts';
import { failure } from './failure.ts';
import { FRAME_BYTES_MAX, RedisLink } from './link.ts';

/** Makes swarms of Redis servers; `schemes` is what their URLs begin with. */
export interface RedisFactory {
  (url: string, options?: RedisOptions): Swarm;
  readonly schemes: readonly string[];
}

/**
 * PUBLISH answers with its deliveries. Those to pattern subscribers are among them, and so are
 * those to a process that hangs or was cut off, until Redis notices: then there is no verdict.
 */
const CAPABILITIES: Capabilities = { frameBytesMax: FRAME_BYTES_MAX, detectsNoReceiver: true };

/**
 * The swarm of one Redis primary (6 or newer), carried by exact channels of its pub/sub. A replica,
 * a Redis Cluster and a Sentinel are refused when connecting. Options win over what the URL says.
 *
 * @throws TypeError for a URL of another form than `redis://user:password@host:port`, all but the
 *   host optional; `rediss:` is with TLS. Channels belong to no database, so it names none.
 */
export const redis: RedisFactory = Object.assign(
  (url: string, options: RedisOptions = {}): Swarm => {
    const address = addressOf(url);
    return {
      name: 'redis',
      capabilities: CAPABILITIES,
      connect: async (host) => {
        try {
          const link = new RedisLink(host, url, () => createClient(address, options));
          await link.open();
          return link;
        } catch (cause) {
          throw failure('closed', 'no', url, cause);
        }
      },
    };
  },
  { schemes: ['redis:', 'rediss:'] },
);

const URL_FORM =
  /^redis(s?):\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[\da-f:.]+\]|[^:@/?#[\]]+)(?::(\d+))?(?:\/0?)?$/i;

function addressOf(url: string): Address {
  const parts = URL_FORM.exec(url);
  // Not shown: what has another form cannot be redacted for sure.
  if (parts === null) throw new TypeError('a URL of Redis is redis://user:password@host:port');
  const [, tls = '', username = '', password = '', host = '', port = '6379'] = parts;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    username: unescapeText(username),
    password: unescapeText(password),
    tls: tls === '' ? undefined : {},
  };
}
