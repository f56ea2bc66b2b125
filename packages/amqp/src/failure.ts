import { type Delivered, SwarmError } from '@swarm/core';

const REASON_CHARS_MAX = 300;

/** What RabbitMQ or its library failed with, as others may see it. */
export function failure(place: string, delivered: Delivered, cause: unknown): SwarmError {
  const full = reasonOf(cause);
  const reason = full.replace(/\buser '.*'/, 'the user');
  const subtype = /ACCESS_REFUSED|NOT_ALLOWED - access/.test(full) ? 'forbidden' : 'closed';
  const message = `${place}: ${reason.slice(0, REASON_CHARS_MAX)}`;
  // RabbitMQ names the user whom it refuses something, and so would the cause.
  return new SwarmError(message, { subtype, delivered, ...(reason === full && { cause }) });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message, code } = cause as NodeJS.ErrnoException;
  // Failing on all addresses of a name, Node gives a code and no message.
  return message === '' ? (code ?? cause.name) : message;
}
