import { memory } from './memory.ts';
import type { Swarm, SwarmFactory } from './swarm.ts';

/**
 * The swarm a URL names: its scheme picks one of `factories`. `memory:` is always among them.
 *
 * @example `openSwarm(process.env.SWARM_URL ?? 'memory:', [redis, nats])`
 * @throws TypeError for a scheme nobody knows, naming those that are known; a factory throws its
 *   own for a URL it cannot use.
 */
export function openSwarm(url: string, factories: readonly SwarmFactory[] = []): Swarm {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  if (scheme === undefined) throw new TypeError(`not a URL: ${redactUrl(url)}`);
  const all: readonly SwarmFactory[] = [...factories, memory];
  const factory = all.find(({ schemes }) => schemes.includes(scheme));
  if (factory !== undefined) return factory(url);
  const known = all.flatMap(({ schemes }) => schemes).join(' ');
  throw new TypeError(`no adapter for ${scheme} among ${known}; ${installLine(scheme)}`);
}

/** Packages of ours by the schemes they serve, for those who have not installed them yet. */
const PACKAGES: { readonly [scheme: string]: string } = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'nats:': 'nats',
  'tls:': 'nats',
  'amqp:': 'amqp',
  'amqps:': 'amqp',
};

function installLine(scheme: string): string {
  const name = Object.hasOwn(PACKAGES, scheme) ? PACKAGES[scheme] : undefined;
  if (name === undefined) return 'pass the factory of an adapter that serves it';
  return `npm install @swarm/${name}, and pass its factory ${name}`;
}

/** A broker's URL as it may be shown: without user, password and query. */
export function redactUrl(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:(?:\/\/)?)?(.*)$/is.exec(url) ?? [];
  // Up to the last @ first: a password may have any character, even where none should stand bare.
  const place = rest.slice(rest.lastIndexOf('@') + 1);
  return scheme + (place.split(/[?#]/, 1)[0] as string);
}
