import type { Client } from './api.ts';
import { type ClientOptions, createClient as createWith } from './client.ts';
import { swarmJson } from './json-dialect.ts';
import { toSocket } from './listening-socket.ts';
import type { EventSocket, Socket } from './socket.ts';
import type { AnyContract } from './typed.ts';

/**
 * The client of a node, over a socket that is there, or over sockets that `source` makes whenever
 * one is needed. Calls made before the conversation is open wait for it.
 */
export function createClient<C extends AnyContract = undefined>(
  source: Socket | EventSocket | (() => Socket | EventSocket),
  options: ClientOptions<C> = {},
): Client<C> {
  const { dialect = swarmJson } = options;
  const dial = typeof source === 'function' ? () => toSocket(source()) : toSocket(source);
  return createWith(dial, { ...options, dialect });
}
