import { Body } from './body.ts';
import { type Chain, isPromise, runChain } from './chain.ts';
import type { Context } from './context.ts';
import { fromThrown, protocolError } from './errors.ts';
import type { ServedRequest } from './machine/served.ts';

/** Run a chain and answer its request once, whatever the handlers do. An event is not answered. */
export function dispatch<N>(
  chain: Chain<Context<N>>,
  ctx: Context<N>,
  request: ServedRequest | null,
): void {
  let result: unknown;
  try {
    result = runChain(chain, ctx);
  } catch (thrown) {
    return fail(request, thrown);
  }
  if (!isPromise(result)) return succeed(request, result);
  Promise.resolve(result).then(
    (value) => succeed(request, value),
    (thrown) => fail(request, thrown),
  );
}

function succeed(request: ServedRequest | null, value: unknown): void {
  if (request === null) return;
  let body: Body;
  try {
    body = value instanceof Body ? value : Body.of(value);
  } catch (cause) {
    const message = `the result ${(cause as Error).message}`;
    const error = protocolError('internal', 'yes', message);
    return request.answer({ ok: false, error });
  }
  request.answer({ ok: true, body });
}

function fail(request: ServedRequest | null, thrown: unknown): void {
  request?.answer({ ok: false, error: fromThrown(thrown) });
}
