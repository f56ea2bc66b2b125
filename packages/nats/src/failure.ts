import { type Delivered, type ErrorSubtype, SwarmError } from '@swarm/core';

/** What NATS or its library failed with, as others may see it; what is ours already stays as it is. */
export function failure(place: string, delivered: Delivered, cause: unknown): SwarmError {
  if (SwarmError.is(cause)) return cause;
  const reason = reasonOf(cause);
  return new SwarmError(`${place}: ${reason}`, { subtype: subtypeOf(reason), delivered, cause });
}

/** By the texts of the server, for the libraries have no word of their own for all of it. */
function subtypeOf(reason: string): ErrorSubtype {
  if (/permissions.violation/i.test(reason)) return 'forbidden';
  return /maximum subscriptions exceeded/i.test(reason) ? 'overloaded' : 'closed';
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { name, message, cause: deeper } = cause;
  // Failing on all addresses of a name, Node gives a code and no message.
  const reason = message || (cause as NodeJS.ErrnoException).code || name;
  return deeper === undefined ? reason : `${reason}: ${reasonOf(deeper)}`;
}
