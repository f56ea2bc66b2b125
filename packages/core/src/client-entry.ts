/** What a client needs, and nothing of a server: `@swarm/core/client`. */

export type { Calls, Client, ClientEvents, Handling, Middleware, Mismatch } from './api.ts';
export type { CallOptions } from './calls.ts';
export type { ClientOptions } from './client.ts';
export { createClient } from './client.ts';
export type {
  Contract,
  ContractParts,
  ErrorSchemas,
  EventDefinition,
  Fn,
  Group,
  Groups,
  Issue,
  NoErrors,
  Schema,
} from './contract.ts';
export { contract, event, fn } from './contract.ts';
export type { Delivered, ErrorSubtype } from './errors.ts';
export { ERROR_SUBTYPES, SwarmError } from './errors.ts';
export type { Dialect, Message, Meta } from './frame.ts';
export { swarmJson } from './json-dialect.ts';
export type { EventSocket, Socket, SocketHost } from './socket.ts';
export { swarm1 } from './swarm-dialect.ts';
export type { AnyContract, CallError, CallTree, HandlerOf, HandlersOf, Safe } from './typed.ts';
