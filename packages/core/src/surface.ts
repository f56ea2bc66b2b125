import { RoutedCalls, SocketCalls } from './callers.ts';
import type { Outlet } from './calls.ts';
import type { Handlers, HandlerTable } from './handlers.ts';

/** Handlers that are made when the first one is registered. */
export type LazyHandlers<H> = () => Handlers<H>;

/** A node's own client: asks it, and answers it. */
export class ClientSurface<H> extends SocketCalls {
  readonly #handlers: LazyHandlers<H>;

  constructor(outlet: Outlet, handlers: LazyHandlers<H>) {
    super(outlet, {});
    this.#handlers = handlers;
  }

  on(name: string, handler: H): () => void {
    return this.#handlers().on(name, handler);
  }

  implement(table: HandlerTable<H>): () => void {
    return this.#handlers().implement(table);
  }
}

/** The clients of all nodes: asks them through their nodes, and stands before one's own. */
export class RemoteClientSurface<H> extends RoutedCalls {
  readonly #handlers: LazyHandlers<H>;

  constructor(outlet: Outlet, from: string | null, handlers: LazyHandlers<H>) {
    super(outlet, { via: 'remoteClient', from }, {});
    this.#handlers = handlers;
  }

  on(name: string, handler: H): () => void {
    return this.#handlers().on(name, handler);
  }

  implement(table: HandlerTable<H>): () => void {
    return this.#handlers().implement(table);
  }
}
