/** Who a client is, as `accept` of a listener says. */
export interface Acceptance {
  /** Id of its node; default a random one. */
  readonly id?: string | undefined;
  /** Becomes `node.auth`, frozen. */
  readonly auth?: unknown;
  /** Becomes the first value of `node.data`. */
  readonly data?: unknown;
}

/** The decision not to let a client in. */
export interface Refusal {
  readonly refused: true;
  readonly status: number;
}

/** What `accept` may return. */
export type Decision = Acceptance | Refusal | undefined;

/**
 * What `accept` returns, or throws, to keep a client out. A client of ours takes 401 and 403 as
 * final, and comes back after any other status.
 *
 * @throws TypeError for a status that is no HTTP error.
 */
export function refuse(status: 401 | 403 | number): Refusal {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new TypeError(`not an HTTP error: ${status}`);
  }
  return { refused: true, status };
}

/** Whether `accept` has decided against a client. */
export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === 'object' && value !== null && 'refused' in value && value.refused === true
  );
}
