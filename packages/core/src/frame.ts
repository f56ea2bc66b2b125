import type { Body } from './body.ts';
import { protocolError, type SwarmError } from './errors.ts';

/** What travels with a request or event untouched: traces, tenant. At most 1 KiB in all. */
export type Meta = Readonly<Record<string, string>>;

/**
 * A correlation id. Ours are counters. The other end's are whatever it chose, and are only ever
 * compared and sent back.
 */
export type ExchangeId = string | number;

export interface RequestFrame {
  readonly kind: 'request';
  readonly id: ExchangeId;
  readonly name: string;
  readonly body: Body;
  /** Time left to answer, in ms; relative, so that clocks need not agree. */
  readonly ttlMs: number | undefined;
  readonly meta: Meta | undefined;
}

export interface EventFrame {
  readonly kind: 'event';
  readonly name: string;
  readonly body: Body;
  readonly meta: Meta | undefined;
}

export interface ResponseFrame {
  readonly kind: 'response';
  readonly id: ExchangeId;
  readonly body: Body;
}

export interface ErrorFrame {
  readonly kind: 'error';
  /** Null when the message at fault had no readable correlation id. */
  readonly id: ExchangeId | null;
  readonly error: SwarmError;
}

export interface CancelFrame {
  readonly kind: 'cancel';
  readonly id: ExchangeId;
}

/** One frame of one exchange, on a socket or in the swarm. */
export type ExchangeFrame = RequestFrame | EventFrame | ResponseFrame | ErrorFrame | CancelFrame;

/** Name, version and fingerprint of the contract an end was built with. */
export interface ContractInfo {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
}

/** What an end says of itself as the conversation opens. All of it may be missing. */
export interface InitInfo {
  /** Id of the client's node. */
  readonly node?: string | undefined;
  readonly contract?: ContractInfo | undefined;
}

/** Frames of the conversation itself; they exist on sockets only. */
export type ControlFrame =
  | { readonly kind: 'init'; readonly info: InitInfo }
  | { readonly kind: 'ping' | 'pong'; readonly id: ExchangeId }
  /** The conversation is over for good; do not come back. The code is of RFC 6455, or 44xx. */
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/** Kinds kept for streams and progress: an exchange ends with its `end`, `response` or `error`. */
export const RESERVED_KINDS: readonly string[] = ['item', 'credit', 'end'];

/** A message that is no frame. `id` is the exchange to blame, when that much could be read. */
export interface MalformedFrame {
  readonly kind: 'malformed';
  readonly id: ExchangeId | null;
  readonly error: SwarmError;
}

export function malformed(
  id: ExchangeId | null,
  message: string,
  subtype: 'invalid' | 'incompatible' = 'invalid',
): MalformedFrame {
  return { kind: 'malformed', id, error: protocolError(subtype, 'no', message) };
}

export type SocketFrame = ExchangeFrame | ControlFrame;

/** What a socket or a dialect passes on: text or bytes, whole messages only. */
export type Message = string | Uint8Array;

/**
 * The machine that speaks one wire protocol on one socket. It may keep state between messages
 * (a gateway for a foreign protocol has to); one instance serves one socket, unless it has none.
 */
export interface Dialect {
  readonly name: string;
  /** Frames of one message, in order. Never throws: nonsense is a `malformed` frame. */
  receive(message: Message): readonly (SocketFrame | MalformedFrame)[];
  /**
   * Messages that say `frame`, in order; none where the protocol has no words for it.
   *
   * @throws SwarmError `invalid` or `incompatible` when its body cannot be read.
   */
  send(frame: SocketFrame): readonly Message[];
}
