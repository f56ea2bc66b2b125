export type { CallOptions, Calls, NodeCalls } from './calls.ts';
export type { Handler, Middleware } from './chain.ts';
export type {
  Client,
  ClientContext,
  ClientEvents,
  ClientHandler,
  ClientMiddleware,
  ClientOptions,
} from './client.ts';
export { createClient } from './client.ts';
export type { Context, ContextKind } from './context.ts';
export type { Emitter } from './emitter.ts';
export type { Delivered, ErrorSubtype, SwarmErrorOptions } from './errors.ts';
export { ERROR_SUBTYPES, SwarmError } from './errors.ts';
export type { Dialect, Message, Meta } from './frame.ts';
export type { Handlers, HandlerTable } from './handlers.ts';
export { swarmJson } from './json-dialect.ts';
export type { Limits } from './limits.ts';
export { LIMITS } from './limits.ts';
export type { MemoryFactory } from './memory.ts';
export { memory } from './memory.ts';
export type { Node, NodeContext, NodeEvents, NodeHandler, NodeMiddleware } from './node.ts';
export type { ServerEvents } from './process.ts';
export type { Runtime } from './runtime.ts';
export { platformRuntime } from './runtime.ts';
export type { NodeOptions, Server, ServerOptions } from './server.ts';
export { createServer } from './server.ts';
export type { Signal } from './signal.ts';
export type { EventSocket, Socket, SocketHost } from './socket.ts';
export type { ClientSurface, RemoteClientSurface } from './surface.ts';
export type { Capabilities, Link, LinkHost, Swarm } from './swarm.ts';
