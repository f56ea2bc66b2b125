import { Calls, NodeCalls, type Outlet } from './calls.ts';
import type { Handlers, HandlerTable } from './handlers.ts';
import type { Route } from './machine/contract.ts';

/** Handlers that are made when the first one is registered. */
export type LazyHandlers<H> = () => Handlers<H>;

/** A node's own client: asks it, and answers it. */
export class ClientSurface<H> extends Calls {
  readonly #handlers: LazyHandlers<H>;

  constructor(outlet: Outlet, handlers: LazyHandlers<H>) {
    super(outlet, {});
    this.#handlers = handlers;
  }

  /** Answer the client; after the handlers that all nodes share. Returns what removes it. */
  on(name: string, handler: H): () => void {
    return this.#handlers().on(name, handler);
  }

  /** Register a whole table, and return what removes it. */
  implement(table: HandlerTable<H>): () => void {
    return this.#handlers().implement(table);
  }
}

/** The clients of all nodes: asks them through their nodes, and stands before one's own. */
export class RemoteClientSurface<H> extends NodeCalls {
  readonly #handlers: LazyHandlers<H>;

  constructor(outlet: Outlet, from: string | null, handlers: LazyHandlers<H>) {
    const route: Omit<Route, 'to'> = { via: 'remoteClient', from };
    super(outlet, route, {});
    this.#handlers = handlers;
  }

  /**
   * Stand between other nodes and the client: return a list to replace the arguments, `undefined`
   * to keep them; `ctx.answer(value)` answers without asking the client. Returns what removes it.
   */
  on(name: string, handler: H): () => void {
    return this.#handlers().on(name, handler);
  }

  /** Register a whole table, and return what removes it. */
  implement(table: HandlerTable<H>): () => void {
    return this.#handlers().implement(table);
  }
}
