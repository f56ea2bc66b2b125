/** What a client needs, and nothing of a server: `@swarm/core/client`. */

export type { CallOptions, Calls } from './calls.ts';
export type {
  Client,
  ClientContext,
  ClientEvents,
  ClientHandler,
  ClientMiddleware,
  ClientOptions,
} from './client.ts';
export { createClient } from './client.ts';
export type { Delivered, ErrorSubtype } from './errors.ts';
export { ERROR_SUBTYPES, SwarmError } from './errors.ts';
export type { EventSocket, Socket, SocketHost } from './socket.ts';
