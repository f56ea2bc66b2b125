import { unescape as unescapeText } from 'node:querystring';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { redactUrl, type Swarm } from '@swarm/core';
import type { NatsConnection } from './connection.ts';
import { type DialOptions, dial } from './dial.ts';
import { failure } from './failure.ts';
import { NatsLink } from './link.ts';

/** What links need to know of their servers. */
export interface LinkOptions {
  /** Greatest frame, in bytes, default 1 MiB: at most the `max_payload` of the servers. */
  readonly frameBytesMax?: number;
  /** What subjects begin with that servers answer on, default `_INBOX`. */
  readonly inboxPrefix?: string;
}

/** What else is for the user to say: as whom to come, and how. They win over the URL. */
export type NatsOptions = LinkOptions &
  Readonly<
    Pick<NodeConnectionOptions, 'authenticator' | 'name' | 'noRandomize' | 'pass' | 'resolve'> &
      Pick<NodeConnectionOptions, 'tls' | 'token' | 'user'>
  >;

/** Opens a connection that does not reconnect by itself. */
export type NatsDialer = () => Promise<NatsConnection>;

/** Makes swarms of NATS servers; `schemes` is what their URLs begin with. */
export interface NatsFactory {
  (url: string, options?: NatsOptions): Swarm;
  readonly schemes: readonly string[];
  /**
   * The swarm of connections that you open, by `nats` 2 perhaps, and that links close. A dialer
   * opens one for every link; a ready connection is good for one link, and no other after it.
   */
  over(connection: NatsConnection | NatsDialer, options?: LinkOptions): Swarm;
}

/**
 * The swarm of one or more NATS servers: `nats://user:password@host:port,host:port`, where all but
 * a host is optional, and a user without password is a token. `tls://` insists on TLS.
 *
 * @throws TypeError for a URL of another form.
 */
export const nats: NatsFactory = Object.assign(
  (url: string, options: NatsOptions = {}): Swarm => {
    const { servers, dialOptions } = placesOf(url, options);
    const place = url.split(',').map(redactUrl).join();
    return swarmOf(place, options, () => dial(servers, dialOptions));
  },
  {
    schemes: ['nats:', 'tls:'],
    over: (connection: NatsConnection | NatsDialer, options: LinkOptions = {}): Swarm =>
      swarmOf('NATS', options, async () => {
        return typeof connection === 'function' ? connection() : connection;
      }),
  },
);

/** Connections that are a link, or were. */
const TAKEN: WeakSet<NatsConnection> = new WeakSet();
const REUSED = 'this connection made a link before: give a function that opens one for each';

function swarmOf(place: string, options: LinkOptions, dialer: NatsDialer): Swarm {
  const { frameBytesMax = 1_048_576, inboxPrefix = '_INBOX' } = options;
  return {
    name: 'nats',
    // Whoever subscribes to a pattern is a receiver too: a monitor of `>` hides the verdict.
    capabilities: { frameBytesMax, detectsNoReceiver: true },
    connect: async (host) => {
      try {
        const { frameBytesMax: wanted } = host;
        if (wanted > frameBytesMax)
          throw new Error(`carries ${frameBytesMax}, not ${wanted} bytes`);
        const connection = await dialer();
        if (TAKEN.has(connection)) throw new Error(REUSED);
        TAKEN.add(connection);
        const link = new NatsLink(connection, { host, place, frameBytesMax, inboxPrefix });
        await link.open();
        return link;
      } catch (cause) {
        throw failure(place, 'no', cause);
      }
    },
  };
}

/** It dials once, fails at once, keeps nothing for later, and hears itself. */
const LINK: DialOptions = {
  reconnect: false,
  waitOnFirstConnect: false,
  // The core notices sooner that a link is dead; this is for links without it.
  pingInterval: 5_000,
  maxPingOut: 2,
  noAsyncTraces: true,
  noEcho: false,
};

const SERVER_FORM =
  /^(?:(?:nats|tls):\/\/)?(?:([^@/?#]+)@)?((?:\[[\da-f:.]+\]|[^:@/?#[\]\s]+)(?::\d+)?)\/?$/i;

interface Places {
  readonly servers: readonly string[];
  readonly dialOptions: DialOptions;
}

function placesOf(url: string, options: NatsOptions): Places {
  const parts = url.split(',').map((part) => SERVER_FORM.exec(part) ?? []);
  const servers = parts.map(([, , server = '']) => server);
  const logins = new Set(parts.flatMap(([, login = '']) => (login === '' ? [] : [login])));
  // Not shown: what has another form cannot be redacted for sure.
  if (!/^(nats|tls):\/\//i.test(url) || servers.includes('') || logins.size > 1) {
    throw new TypeError(
      'a URL is nats://user:password@host:port,host:port, with one login at most',
    );
  }
  const [user = '', ...pass] = [...logins].join().split(':').map(unescapeText);
  const login = pass.length === 0 ? { token: user } : { user, pass: pass.join(':') };
  const isGiven = (options.user ?? options.token ?? options.authenticator) !== undefined;
  const isSecure = /(^|,)tls:/i.test(url);
  const dialOptions = {
    ...options,
    ...(user !== '' && !isGiven && login),
    ...(isSecure && { tls: options.tls ?? {} }),
    ...LINK,
  };
  return { servers, dialOptions };
}
