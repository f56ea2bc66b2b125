import { Body } from './body.ts';
import { type Chain, runChain } from './chain.ts';
import type { Context } from './context.ts';
import { fromThrown, unsendable } from './errors.ts';
import { isPromise } from './promise.ts';

/** Told what the handlers of an event threw, since nobody waits for an answer. */
export type OnEventError<N> = (error: unknown, ctx: Context<N>) => void;

/** Run a chain and answer its request once, whatever the handlers do. An event is not answered. */
export function dispatch<N>(
  chain: Chain<Context<N>>,
  ctx: Context<N>,
  onEventError: OnEventError<N>,
): void {
  let result: unknown;
  try {
    result = runChain(chain, ctx);
  } catch (thrown) {
    return fail(ctx, thrown, onEventError);
  }
  if (!isPromise(result)) return succeed(chain, ctx, result);
  Promise.resolve(result).then(
    (value) => succeed(chain, ctx, value),
    (thrown) => fail(ctx, thrown, onEventError),
  );
}

function succeed<N>({ definition }: Chain<Context<N>>, ctx: Context<N>, value: unknown): void {
  const { request } = ctx.origin;
  if (request === null) return;
  let body: Body;
  try {
    // A body is a client's answer on its way: its own end has checked it, and the caller will.
    if (!(value instanceof Body)) definition?.parseResult(ctx.name, value);
    body = value instanceof Body ? value : Body.of(value);
  } catch (cause) {
    return request.answer({ ok: false, error: unsendable(cause) });
  }
  request.answer({ ok: true, body });
}

function fail<N>(ctx: Context<N>, thrown: unknown, onEventError: OnEventError<N>): void {
  const { request } = ctx.origin;
  if (request === null) onEventError(thrown, ctx);
  else request.answer({ ok: false, error: fromThrown(thrown) });
}
