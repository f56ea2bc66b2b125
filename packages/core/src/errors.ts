/** What is known about the handlers of the end that answers when a request fails. */
export type Delivered = 'no' | 'unknown' | 'yes';

/** Every way the protocol itself can fail a request. A subtype is never renamed or reused. */
export const ERROR_SUBTYPES = [
  'timeout', // no answer before the deadline
  'unhandled', // nobody registered a handler for the name
  'unreachable', // no such node
  'overloaded', // a limit was reached
  'cancelled', // the asking end gave up
  'closed', // the link is down, or the end is shut
  'invalid', // bytes or values do not satisfy their schema
  'unauthorized', // who are you
  'forbidden', // not you
  'too_large', // over a limit in bytes
  'incompatible', // a version, kind or encoding this end does not speak
  'internal', // the answering end is broken
] as const;

/** One of {@link ERROR_SUBTYPES}. */
export type ErrorSubtype = (typeof ERROR_SUBTYPES)[number];

/** What an error carries besides its message. */
export interface SwarmErrorOptions {
  /** Null (the default) makes an endpoint error: a handler said no. */
  readonly subtype?: ErrorSubtype | null;
  /** For the other end: anything that can be encoded. */
  readonly data?: unknown;
  /** Declared by the contract of the call. */
  readonly code?: string | null;
  readonly delivered?: Delivered;
  readonly hint?: string | null;
  readonly cause?: unknown;
}

/**
 * Every operating failure of a request. Branch on `type`, `subtype` and `code`; log `message`.
 *
 * `type` is `endpoint` when a handler refused and `protocol` when the request failed on its way;
 * only the latter has a `subtype`. Only `delivered: 'no'` is safe to send again as it is.
 * Programming mistakes are not `SwarmError`s: they are `TypeError`s.
 */
export class SwarmError extends Error {
  override readonly name: string = 'SwarmError';
  readonly type: 'endpoint' | 'protocol';
  readonly subtype: ErrorSubtype | null;
  readonly data: unknown;
  readonly code: string | null;
  readonly delivered: Delivered;
  readonly hint: string | null;

  constructor(message: string, options: SwarmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.subtype = options.subtype ?? null;
    this.type = this.subtype === null ? 'endpoint' : 'protocol';
    this.data = options.data ?? null;
    this.code = options.code ?? null;
    this.delivered = options.delivered ?? (this.subtype === null ? 'yes' : 'unknown');
    this.hint = options.hint ?? null;
  }

  /**
   * Safe across duplicated copies of this package, where `instanceof` is not, and with hostile
   * values: what only looks like an error of ours is none.
   */
  static is(value: unknown): value is SwarmError {
    try {
      return value instanceof Error && value.name === 'SwarmError' && isWellFormed(value);
    } catch {
      return false;
    }
  }
}

function isWellFormed(value: Error & Partial<Record<keyof SwarmError, unknown>>): boolean {
  const { type, subtype, code, delivered, message } = value;
  const isKnown = subtype === null || ERROR_SUBTYPES.some((known) => known === subtype);
  return (
    isKnown &&
    type === (subtype === null ? 'endpoint' : 'protocol') &&
    (code === null || typeof code === 'string') &&
    (delivered === 'no' || delivered === 'unknown' || delivered === 'yes') &&
    typeof message === 'string'
  );
}

/** A failure of the protocol. `delivered` says what is known of the answering end's handlers. */
export function protocolError(
  subtype: ErrorSubtype,
  delivered: Delivered,
  message: string,
  data: unknown = null,
): SwarmError {
  return new SwarmError(message, { subtype, delivered, data, hint: HINTS[subtype] ?? null });
}

export function unreachable(delivered: Delivered = 'no'): SwarmError {
  return protocolError('unreachable', delivered, 'no such node');
}

const HINTS: { readonly [S in ErrorSubtype]?: string } = {
  timeout: 'raise `timeoutMs`, or find the handler that never returns',
  unhandled: 'register a handler for the name at the other end',
  unreachable: 'check the id, and that both ends share a namespace',
  overloaded: 'ask less at once, or raise the limit',
  too_large: 'split the value, or raise the limit',
};

const OUTCOMES: WeakSet<SwarmError> = new WeakSet();

/**
 * Mark an error as the outcome of the exchange that is being served, so that it is answered as
 * it is. Any other error that leaves a chain is an endpoint's: its handlers did run.
 */
export function asOutcome(error: SwarmError): SwarmError {
  OUTCOMES.add(error);
  return error;
}

/**
 * What a handler threw, as the one error answer it becomes. Any value may be thrown. A failed
 * request of the handler's own becomes an endpoint error too: its `delivered` spoke of another
 * exchange, and these handlers did run.
 */
export function fromThrown(thrown: unknown): SwarmError {
  if (SwarmError.is(thrown)) {
    if (OUTCOMES.has(thrown)) return thrown;
    if (thrown.type === 'endpoint' && thrown.delivered === 'yes') return thrown;
    return new SwarmError(thrown.message, { data: thrown.data, code: thrown.code, cause: thrown });
  }
  return new SwarmError(messageOf(thrown), { cause: thrown });
}

/** What becomes of an answer that cannot be written: the handlers have run. */
export function unsendable(cause: unknown): SwarmError {
  if (SwarmError.is(cause) && cause.subtype !== null) {
    return protocolError(cause.subtype, 'yes', cause.message, cause.data);
  }
  return protocolError('internal', 'yes', `no answer can be sent: ${messageOf(cause)}`);
}

/** Hostile values included: a getter of a thrown object may itself throw. */
function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown !== 'object' || thrown === null) return String(thrown);
    const { message } = thrown as { message?: unknown };
    return typeof message === 'string' ? message : 'an object was thrown';
  } catch {
    return 'an object was thrown';
  }
}

/** An error as it travels, in every dialect and in the swarm. Stacks and causes stay at home. */
export interface ErrorFields {
  readonly errorType: string;
  /** A word this end does not know is read as `internal`: newer ends may say more. */
  readonly errorSubtype?: string | null | undefined;
  readonly message?: string | undefined;
  readonly data?: unknown;
  readonly code?: string | null | undefined;
  readonly delivered?: Delivered | undefined;
}

export function errorFields(error: SwarmError): ErrorFields {
  const { type, subtype, message, data, code, delivered } = error;
  return { errorType: type, errorSubtype: subtype, message, data, code, delivered };
}

export function errorFrom(fields: ErrorFields): SwarmError {
  const { errorType, errorSubtype, message = '', data, code = null, delivered } = fields;
  if (errorType === 'endpoint') return new SwarmError(message, { data, code, delivered: 'yes' });
  const subtype = ERROR_SUBTYPES.find((known) => known === errorSubtype) ?? 'internal';
  return protocolError(subtype, delivered ?? 'unknown', message, data);
}
