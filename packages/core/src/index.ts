export type { Acceptance, Decision, Refusal } from './acceptance.ts';
export { isRefusal, refuse } from './acceptance.ts';
export type {
  Calls,
  Client,
  ClientEvents,
  Handling,
  Middleware,
  Mismatch,
  Node,
  NodeCalls,
  NodeEvents,
  NodeOptions,
  Rewriting,
  Server,
  ServerEvents,
  SocketServer,
} from './api.ts';
export type { CallOptions } from './calls.ts';
export type { ClientOptions } from './client.ts';
export type { Context, ContextKind } from './context.ts';
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
export { createClient } from './create-client.ts';
export type { Emitter } from './emitter.ts';
export type { EndLimits } from './end-limits.ts';
export { END_LIMITS } from './end-limits.ts';
export type { Delivered, ErrorSubtype, SwarmErrorOptions } from './errors.ts';
export { ERROR_SUBTYPES, SwarmError } from './errors.ts';
export type { ContractInfo, Dialect, InitInfo, Message, Meta } from './frame.ts';
export { isCloseCode } from './guard.ts';
export { swarmJson } from './json-dialect.ts';
export type { Limits } from './limits.ts';
export { LIMITS } from './limits.ts';
export type { MemoryFactory, MemorySwarm } from './memory.ts';
export { memory } from './memory.ts';
export { openSwarm, redactUrl } from './open-swarm.ts';
export type { Runtime } from './runtime.ts';
export { platformRuntime } from './runtime.ts';
export type { ServerOptions } from './server.ts';
export { createServer } from './server.ts';
export type { Signal } from './signal.ts';
export type { EventSocket, Socket, SocketHost } from './socket.ts';
export type { Capabilities, Link, LinkHost, Swarm, SwarmFactory } from './swarm.ts';
export { swarm1 } from './swarm-dialect.ts';
export type {
  AnyContract,
  CallError,
  CallTree,
  HandlerOf,
  HandlersOf,
  RewriterOf,
  Safe,
} from './typed.ts';
