import { type Delivered, redactUrl, SwarmError } from '@swarm/core';

const REASON_CHARS_MAX = 160;

/** What Redis or ioredis failed with, as others may see it. */
export function failure(
  subtype: 'closed' | 'forbidden',
  delivered: Delivered,
  url: string,
  cause: unknown,
): SwarmError {
  const message = `${redactUrl(url)}: ${reasonOf(cause)}`;
  // ioredis hangs the command on its errors, and with it the password of an AUTH.
  const isSafe = !(cause instanceof Error && 'command' in cause);
  return new SwarmError(message, { subtype, delivered, ...(isSafe && { cause }) });
}

/** Whether Redis itself said no, instead of the connection having ended. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message, code } = cause as NodeJS.ErrnoException;
  // Failing on all addresses of a name, Node gives a code and no message.
  const reason = message === '' ? (code ?? cause.name) : message;
  return reason.replace(/\bUser \S+ has\b/, 'the user has').slice(0, REASON_CHARS_MAX);
}
