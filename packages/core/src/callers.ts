import type { Calls, NodeCalls } from './api.ts';
import { ask, type CallOptions, type Outlet, tell } from './calls.ts';
import { END_LIMITS } from './end-limits.ts';
import { SwarmError } from './errors.ts';
import type { Route } from './machine/contract.ts';
import type { CallTree, UntypedCallTree } from './typed.ts';

/** The implementation of {@link Calls}: whatever the contract, names and values are the same. */
export class SocketCalls implements Calls<'untyped'> {
  readonly #outlet: Outlet;
  readonly #options: CallOptions;
  #tree: CallTree<'untyped'> | null = null;

  constructor(outlet: Outlet, options: CallOptions) {
    this.#outlet = outlet;
    this.#options = options;
  }

  get call(): CallTree<'untyped'> {
    this.#tree ??= callTree((name, args) => ask(this.#outlet, null, this.#options, name, args));
    return this.#tree;
  }

  send(name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#outlet, null, this.#options, name, args);
  }

  emit(name: string, ...args: unknown[]): boolean {
    return tell(this.#outlet, null, this.#options, name, args);
  }

  with(options: CallOptions): SocketCalls {
    return new SocketCalls(this.#outlet, { ...this.#options, ...options });
  }
}

/** The implementation of {@link NodeCalls}. */
export class RoutedCalls implements NodeCalls<'untyped'> {
  readonly #outlet: Outlet;
  readonly #via: Route['via'];
  readonly #from: string | null;
  readonly #options: CallOptions;

  constructor(outlet: Outlet, { via, from }: Omit<Route, 'to'>, options: CallOptions) {
    this.#outlet = outlet;
    this.#via = via;
    this.#from = from;
    this.#options = options;
  }

  call(id: string): CallTree<'untyped'> {
    return callTree((name, args) => this.send(id, name, ...args));
  }

  send(id: string, name: string, ...args: unknown[]): Promise<unknown> {
    return ask(this.#outlet, this.#routeTo(id), this.#options, name, args);
  }

  emit(id: string, name: string, ...args: unknown[]): boolean {
    return tell(this.#outlet, this.#routeTo(id), this.#options, name, args);
  }

  with(options: CallOptions): RoutedCalls {
    const route = { via: this.#via, from: this.#from };
    return new RoutedCalls(this.#outlet, route, { ...this.#options, ...options });
  }

  #routeTo(id: string): Route {
    return { to: id, via: this.#via, from: this.#from };
  }
}

type Ask = (name: string, args: readonly unknown[]) => Promise<unknown>;

/**
 * A function for every name: `tree.orders.create(…)` asks `orders.create`. What the language
 * itself asks of promises and objects is not there.
 */
function callTree(ask: Ask): CallTree<'untyped'> {
  return branch(ask, '');
}

function branch(ask: Ask, name: string): UntypedCallTree {
  const children = new Map<string, UntypedCallTree>();
  const target = (...args: unknown[]) => ask(name, args);
  return new Proxy(target as UntypedCallTree, {
    get: (_target, key) => {
      if (typeof key !== 'string' || key === 'then' || key in Object.prototype) return undefined;
      if (key === 'safe' && name !== '') return (...args: unknown[]) => safe(ask(name, args));
      const child = children.get(key) ?? branch(ask, name === '' ? key : `${name}.${key}`);
      if (children.size < END_LIMITS.cachedNamesMax) children.set(key, child);
      return child;
    },
  });
}

/** A failure as a value; a mistake of the program that asks still rejects. */
function safe(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (result) => ({ ok: true, result }),
    (error: unknown) => {
      if (SwarmError.is(error)) return { ok: false, error };
      throw error;
    },
  );
}
