import { type Delivered, redactUrl, SwarmError } from '@swarm/core';

const REASON_CHARS_MAX = 160;

/** What Redis or ioredis failed with, as others may see it; at several servers, say. */
export function failure(
  subtype: 'closed' | 'forbidden',
  delivered: Delivered,
  url: string,
  ...causes: readonly unknown[]
): SwarmError {
  const reasons = new Set(causes.map(reasonOf));
  const message = `${redactUrl(url)}: ${[...reasons].join('; ')}`;
  // ioredis hangs the command on its errors, and with it the password of an AUTH.
  const cause = causes.findLast((one) => !(one instanceof Error && 'command' in one));
  return new SwarmError(message, { subtype, delivered, ...(cause !== undefined && { cause }) });
}

/** Whether Redis itself said no, instead of the connection having ended. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** Whether a node of a Cluster says that what it was asked about is elsewhere, or out of reach. */
export function isAstray(error: unknown): boolean {
  return isReply(error) && /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test((error as Error).message);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message, code } = cause as NodeJS.ErrnoException;
  // Failing on all addresses of a name, Node gives a code and no message.
  const reason = message === '' ? (code ?? cause.name) : message;
  return reason.replace(/\bUser \S+ has\b/, 'the user has').slice(0, REASON_CHARS_MAX);
}
