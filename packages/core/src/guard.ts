import { fitsUtf8 } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import type { Delivered, ErrorFields } from './errors.ts';
import type { InitInfo, Meta } from './frame.ts';

/**
 * The messages of the `swarm.json` dialect, as JSON says them. `schema.ts` has the same as zod
 * schemas, the specification; {@link isWireMessage} is written by hand for the hot path and
 * accepts exactly what they accept. Unknown keys are allowed: new optional fields are minor.
 */
export type WireMessage =
  | ({ readonly type: 'init' } & InitInfo)
  | {
      readonly type: 'close';
      readonly code?: number | undefined;
      readonly reason?: string | undefined;
    }
  | { readonly type: 'ping' | 'pong' | 'cancel'; readonly correlationId: WireId }
  | WireRequest
  | WireEvent
  | { readonly type: 'response'; readonly correlationId: WireId; readonly result?: unknown }
  | WireError;

/** At most 128 UTF-16 units, or a safe integer from 0. */
export type WireId = string | number;

export interface WireRequest {
  readonly type: 'request';
  readonly correlationId: WireId;
  /** Not empty, at most 256 UTF-8 bytes. */
  readonly name: string;
  /** Anything but an array counts as the one argument; absent means none. */
  readonly args?: unknown;
  readonly ttlMs?: number | undefined;
  readonly meta?: Meta | undefined;
}

export interface WireEvent {
  readonly type: 'event';
  readonly name: string;
  readonly args?: unknown;
  readonly meta?: Meta | undefined;
}

export interface WireError extends ErrorFields {
  readonly type: 'error';
  /** Null when the message at fault had none that could be read. */
  readonly correlationId: WireId | null;
}

/** Whether a decoded JSON value is a message of `swarm.json`. */
export function isWireMessage(value: unknown): value is WireMessage {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'request':
      return isWireId(value['correlationId']) && isCall(value) && isTtl(value['ttlMs']);
    case 'response':
    case 'cancel':
    case 'ping':
    case 'pong':
      return isWireId(value['correlationId']);
    case 'event':
      return isCall(value);
    case 'error':
      return isWireError(value);
    case 'init':
      return isInitInfo(value);
    case 'close':
      return isClose(value);
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isWireId(value: unknown): value is WireId {
  if (typeof value === 'string') return value.length <= END_LIMITS.correlationIdCharsMax;
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCall(value: Fields): boolean {
  return isName(value['name']) && (value['meta'] === undefined || isMeta(value['meta']));
}

/** Whether `value` may name a request or an event. */
export function isName(value: unknown): value is string {
  return isText(value, END_LIMITS.nameBytesMax);
}

/** Whether `value` may name a node. */
export function isNodeId(value: unknown): value is string {
  return isText(value, END_LIMITS.nodeIdBytesMax);
}

/** A text that is not empty and survives UTF-8, which has no half characters. */
export function isText(value: unknown, bytesMax: number): value is string {
  return (
    typeof value === 'string' && value !== '' && fitsUtf8(value, bytesMax) && isWellFormed(value)
  );
}

/** Younger platforms have it as a method, which is nearly free. */
function isWellFormed(text: string & { isWellFormed?: () => boolean }): boolean {
  return text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}

/** A map of strings of at most 1 KiB in all. */
export function isMeta(value: unknown): value is Meta {
  if (!isRecord(value)) return false;
  let all = '';
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return false;
    all += key + text;
  }
  return fitsUtf8(all, END_LIMITS.metaBytesMax);
}

export function isInitInfo(value: unknown): value is InitInfo {
  if (!isRecord(value)) return false;
  const { node, contract } = value;
  return (
    (node === undefined || isNodeId(node)) && (contract === undefined || isContractInfo(contract))
  );
}

function isContractInfo(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, version, hash } = value;
  return [name, version, hash].every((text) => isText(text, END_LIMITS.nameBytesMax));
}

/** A code that a close frame may carry (RFC 6455 §7.4). */
export function isCloseCode(value: unknown): value is number {
  if (typeof value !== 'number' || !Number.isInteger(value)) return false;
  if (value >= 3_000) return value <= 4_999;
  return value >= 1_000 && value <= 1_014 && (value < 1_004 || value > 1_006);
}

export function isReason(value: unknown): value is string {
  return typeof value === 'string' && fitsUtf8(value, END_LIMITS.reasonBytesMax);
}

function isTtl(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'number' && value >= 0 && value <= END_LIMITS.timeoutMsMax;
}

function isClose({
  code,
  reason,
}: {
  readonly code?: unknown;
  readonly reason?: unknown;
}): boolean {
  return (code === undefined || isCloseCode(code)) && (reason === undefined || isReason(reason));
}

function isWireError(value: Fields): boolean {
  const { correlationId } = value;
  return (correlationId === null || isWireId(correlationId)) && isErrorFields(value);
}

export function isErrorFields(value: unknown): value is ErrorFields {
  if (!isRecord(value)) return false;
  const { errorType, errorSubtype, message, code, delivered } = value;
  return (
    typeof errorType === 'string' &&
    isOptionalText(errorSubtype) &&
    (message === undefined || typeof message === 'string') &&
    isOptionalText(code) &&
    (delivered === undefined || isDelivered(delivered))
  );
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function isDelivered(value: unknown): value is Delivered {
  return value === 'no' || value === 'unknown' || value === 'yes';
}
