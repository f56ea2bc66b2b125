import type { Context } from './context.ts';
import type { Definition } from './contract.ts';
import { asOutcome, protocolError, SwarmError } from './errors.ts';
import { isPromise } from './promise.ts';

/**
 * Answers a name. Return what to answer, now or as a promise; `undefined` leaves the result of
 * the handlers before as it is.
 */
export type Handler<C = Context> = {
  // A method, so that handlers may give their arguments the types they expect.
  bivariant(ctx: C, ...args: unknown[]): unknown;
}['bivariant'];

/**
 * Runs around all handlers, also for names nobody handles. `next` runs what is inside, at most
 * once, with the arguments given or else those that came, and returns its result.
 */
export type Middleware<C = Context> = {
  bivariant(ctx: C, next: (args?: readonly unknown[]) => unknown): unknown;
}['bivariant'];

/**
 * A list with `middleware` added, and the entry that stands for it: one function may be used
 * twice, and each use removed by itself.
 */
export function addMiddleware<C>(
  list: readonly Middleware<C>[],
  middleware: Middleware<C>,
): { readonly list: readonly Middleware<C>[]; readonly entry: Middleware<C> } {
  if (typeof middleware !== 'function') throw new TypeError('middleware is a function');
  const entry: Middleware<C> = (ctx, next) => middleware(ctx, next);
  return { list: [...list, entry], entry };
}

/** What a chain is made of. */
export interface Chain<C> {
  readonly middleware: readonly Middleware<C>[];
  readonly handlers: readonly Handler<C>[];
  /** What the contract says of the name. */
  readonly definition: Definition | undefined;
  /** What follows the handlers: a remote client request goes on to the client. */
  readonly last: ((ctx: C) => unknown) | null;
}

/**
 * Run middleware, handlers and what follows them, in this order. Nothing waits for a promise
 * until there is one: a chain of synchronous handlers returns its result, not a promise of it.
 *
 * @throws whatever a handler throws, and SwarmError `unhandled` when there is none.
 */
export function runChain<N>(chain: Chain<Context<N>>, ctx: Context<N>): unknown {
  return chain.middleware.length === 0 ? runInner(chain, ctx) : runMiddleware(chain, ctx, 0);
}

function runMiddleware<N>(chain: Chain<Context<N>>, ctx: Context<N>, index: number): unknown {
  const middleware = chain.middleware[index];
  if (middleware === undefined) return runInner(chain, ctx);
  let called = false;
  let inner: unknown = null;
  const result = middleware(ctx, (args) => {
    if (called) throw new TypeError('next() was called twice');
    called = true;
    if (args !== undefined) ctx.args = args;
    inner = runMiddleware(chain, ctx, index + 1);
    // If the middleware fails first, its failure is the answer, and this one is nobody's.
    if (isPromise(inner)) inner.then(undefined, () => {});
    return inner;
  });
  if (!isPromise(result)) return result === undefined ? inner : result;
  return Promise.resolve(result).then((value) => (value === undefined ? inner : value));
}

function runInner<N>(chain: Chain<Context<N>>, ctx: Context<N>): unknown {
  if (chain.handlers.length > 0) checkArgs(chain, ctx);
  if (chain.handlers.length > 0 || chain.last !== null) return runHandlers(chain, ctx, 0);
  // An event nobody handles is nobody's fault.
  if (ctx.isEvent) return null;
  const message = `No handler found for request '${ctx.name}'`;
  throw asOutcome(protocolError('unhandled', 'no', message, { requestName: ctx.name }));
}

/**
 * Handlers get what the schemas made of the arguments. Those before a client get them as they
 * were sent, because the client's own schemas come after them.
 */
function checkArgs<N>({ definition }: Chain<Context<N>>, ctx: Context<N>): void {
  if (definition === undefined) return;
  try {
    const parsed = definition.parseArgs(ctx.name, ctx.args);
    if (ctx.kind !== 'remoteClient') ctx.args = parsed;
  } catch (error) {
    if (ctx.isEvent) throw error;
    // A schema that answers asynchronously, or throws: no handler has run.
    const { message } = error as Error;
    throw asOutcome(SwarmError.is(error) ? error : protocolError('internal', 'no', message));
  }
}

function runHandlers<N>(chain: Chain<Context<N>>, ctx: Context<N>, from: number): unknown {
  const { handlers, last } = chain;
  for (let i = from; i < handlers.length && !ctx.isAnswered; i += 1) {
    const handler = handlers[i] as Handler<Context<N>>;
    const value = handler(ctx, ...ctx.args);
    if (isPromise(value)) {
      return Promise.resolve(value).then((settled) => {
        ctx.result = settled;
        return runHandlers(chain, ctx, i + 1);
      });
    }
    ctx.result = value;
  }
  return last !== null && ctx.pass ? last(ctx) : ctx.returned;
}
