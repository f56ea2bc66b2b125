import type { Body } from './body.ts';
import { asOutcome, SwarmError } from './errors.ts';
import type { Outcome } from './machine/contract.ts';
import type { NodeContext } from './node.ts';

/**
 * The end of a remote client request's chain: ask the node's client. The answer is passed on as
 * the body it came in, and so is an error: it is the outcome of the whole exchange.
 */
export function forward(ctx: NodeContext): Promise<Body> | null {
  const { name, node } = ctx;
  const { request } = ctx.origin;
  const { meta } = ctx.incoming;
  const body = ctx.forwardBody();
  if (request === null) {
    node.forwardEvent({ name, body, meta });
    return null;
  }
  const { deadlineMs } = request;
  return new Promise<Body>((resolve, reject) => {
    const settler = {
      settle: (outcome: Outcome) =>
        outcome.ok ? resolve(outcome.body) : reject(asOutcome(outcome.error)),
    };
    try {
      node.forward({ name, body, meta, deadlineMs, settler }, request);
    } catch (error) {
      reject(SwarmError.is(error) ? asOutcome(error) : error);
    }
  });
}

/** The same within middleware, which gets the client's answer as a value. */
export async function forwardDecoded(ctx: NodeContext): Promise<unknown> {
  return (await forward(ctx))?.value ?? null;
}
