import { splitBatch } from './batch.ts';
import { Body, NULL_BODY } from './body.ts';
import { HeaderReader, HeaderWriter } from './bytes.ts';
import { END_LIMITS } from './end-limits.ts';
import { errorFields, errorFrom, protocolError, type SwarmError, unsendable } from './errors.ts';
import type { Meta } from './frame.ts';
import { isErrorFields, isName, isNodeId } from './guard.ts';
import { LIMITS } from './limits.ts';
import type { Outcome } from './machine/contract.ts';
import { decodeRecent } from './recent.ts';

/** What a frame in the swarm is for. A kind's place is its number on the wire: append only. */
export const SWARM_KINDS = [
  'request',
  'event',
  'response',
  'error',
  'cancel',
  'claim', // a process takes a chosen node id
  'taken', // and is told that another claim of it is the higher one
  'item', // these three: reserved for streams
  'credit',
  'end',
  'not-here', // the node is not, or no longer, in the process that was asked
  'who-has', // asks for the process of a node where the broker does not tell that nobody hears
  'here', // and is answered by that process
  'ping', // of a process to itself: its link works both ways
] as const;
export type SwarmKind = (typeof SWARM_KINDS)[number];

/** Whom a frame is for; likewise append only. Groups and topics are reserved. */
export const TARGET_KINDS = ['process', 'node', 'group', 'topic'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** Whose handlers a request or event is for: the node's own, or those before its client. */
export const VIAS = ['server', 'remoteClient'] as const;
export type Via = (typeof VIAS)[number];

export interface SwarmHeader {
  readonly kind: SwarmKind;
  readonly target: TargetKind;
  /** Id of the target; empty for a process, which is addressed by its inbox. */
  readonly to: string;
  /** Process that sent it. */
  readonly process: string;
  /** Node that sent it, or in whose name it is answered; null for a process itself. */
  readonly node: string | null;
  /**
   * Correlation id, a counter of the process that opened the exchange; 0 where there is none. Of a
   * `claim` or `taken` its rank, of a `ping` its number.
   */
  readonly id: number;
  /** Time left to answer a request, in ms; 0 otherwise. */
  readonly ttlMs: number;
  readonly via: Via;
  /** Empty for all but requests and events. */
  readonly name: string;
  readonly meta: Meta | undefined;
}

/** One message in the swarm: what routing needs, and a body it does not look into. */
export interface SwarmFrame extends SwarmHeader {
  readonly body: Body;
}

/** A frame from this process to a node, or to a process if that is empty; with all else empty. */
export function frameTo(kind: SwarmKind, process: string, to: string, id = 0): SwarmFrame {
  return {
    kind,
    target: to === '' ? 'process' : 'node',
    to,
    process,
    node: null,
    id,
    ttlMs: 0,
    via: 'server',
    name: '',
    meta: undefined,
    body: NULL_BODY,
  };
}

/** The answer of a node to a request; an outcome that cannot be written is an error. */
export function answerFrame(
  { process, node, id }: Pick<SwarmHeader, 'process' | 'node' | 'id'>,
  outcome: Outcome,
  bodyBytesMax: number,
): SwarmFrame {
  const [kind, body] = answerOf(outcome, bodyBytesMax);
  return {
    kind,
    target: 'process',
    to: '',
    process,
    node,
    id,
    ttlMs: 0,
    via: 'server',
    name: '',
    meta: undefined,
    body,
  };
}

function answerOf(outcome: Outcome, bodyBytesMax: number): ['response' | 'error', Body] {
  try {
    const body = outcome.ok ? outcome.body.copy() : Body.of(errorFields(outcome.error));
    if (body.fits(bodyBytesMax)) return [outcome.ok ? 'response' : 'error', body];
    const error = protocolError('too_large', 'yes', 'swarmFrameBytesMax: the answer is too long');
    return ['error', Body.of(errorFields(error))];
  } catch (cause) {
    return ['error', Body.of(errorFields(unsendable(cause)))];
  }
}

/** What a `response` or `error` says. */
export function outcomeOf(frame: SwarmFrame): Outcome {
  if (frame.kind === 'response') return { ok: true, body: frame.body };
  return { ok: false, error: errorOf(frame) };
}

/** An error that cannot be read is an error all the same. */
export function errorOf(frame: SwarmFrame): SwarmError {
  try {
    const fields = frame.body.value;
    if (isErrorFields(fields)) return errorFrom(fields);
    return protocolError('invalid', 'unknown', 'the error cannot be read');
  } catch (error) {
    return protocolError('invalid', 'unknown', (error as SwarmError).message);
  }
}

/** Of the first byte: the version below, and above it which texts the frame shares. */
const VERSION = 1;
const VERSION_BITS = 0x0f;
/** These texts are those of the frame before, in the same message, and are left out. */
const SAME_TO = 0x10;
const SAME_PROCESS = 0x20;
const SAME_NODE = 0x40;
const UNUSED_BIT = 0x80;

/** What a frame in a batch may share with the one before it. */
type Shared = Pick<SwarmHeader, 'to' | 'process' | 'node'>;

/**
 * Bytes of a frame: version, kind, target, via, encoding (a byte each), correlation id, ttl
 * (varints), to, process, node, name, meta as JSON (texts, empty for none), then the body. Texts
 * that are those of `before`, the frame before it in a batch, are left out.
 */
export function encodeSwarmFrame(frame: SwarmFrame, before: Shared | null = null): Uint8Array {
  const { to, process, node } = frame;
  const content = frame.body.content;
  const sameTo = to === before?.to ? SAME_TO : 0;
  const sameProcess = process === before?.process ? SAME_PROCESS : 0;
  const sameNode = node === before?.node ? SAME_NODE : 0;
  const writer = new HeaderWriter()
    .byte(VERSION | sameTo | sameProcess | sameNode)
    .byte(SWARM_KINDS.indexOf(frame.kind))
    .byte(TARGET_KINDS.indexOf(frame.target))
    .byte(VIAS.indexOf(frame.via))
    .byte(frame.body.encoding)
    .varint(frame.id)
    .varint(Math.ceil(frame.ttlMs));
  if (sameTo === 0) writer.text(to);
  if (sameProcess === 0) writer.text(process);
  if (sameNode === 0) writer.text(node ?? '');
  return writer.text(frame.name).meta(frame.meta).end(content);
}

/** What a newer process asked, in words nobody here knows: enough to tell it so. */
export interface UnknownFrame extends Pick<SwarmHeader, 'process' | 'to' | 'id'> {
  readonly kind: 'unknown';
}

/** The frames of a message. Bytes that are none of this version are left out: nobody can be told. */
export function decodeMessage(payload: Uint8Array): readonly (SwarmFrame | UnknownFrame)[] {
  const frames: (SwarmFrame | UnknownFrame)[] = [];
  let before: ReadFrame | null = null;
  for (const bytes of splitBatch(payload)) {
    before = readFrame(bytes, before);
    if (before === null) continue;
    if (hasMeaning(before)) frames.push(before);
    else if (isUnknown(before)) frames.push(unknownFrame(before));
  }
  return frames;
}

type ReadFrame = Omit<SwarmFrame, 'kind' | 'target' | 'via'> & ReadWords;

function readFrame(bytes: Uint8Array, before: Shared | null): ReadFrame | null {
  const reader = new HeaderReader(bytes, decodeRecent);
  const first = reader.byte();
  if ((first & VERSION_BITS) !== VERSION || first >= UNUSED_BIT) return null;
  if (first !== VERSION && before === null) return null;
  const kind = SWARM_KINDS[reader.byte()];
  const target = TARGET_KINDS[reader.byte()];
  const via = VIAS[reader.byte()];
  const encoding = reader.byte();
  const id = reader.varint();
  const ttlMs = reader.varint();
  const { nodeIdBytesMax } = END_LIMITS;
  const same = before ?? NOTHING;
  const to = (first & SAME_TO) === 0 ? reader.text(nodeIdBytesMax) : same.to;
  const process = (first & SAME_PROCESS) === 0 ? reader.text() : same.process;
  const node = (first & SAME_NODE) === 0 ? reader.text(nodeIdBytesMax) || null : same.node;
  const name = reader.text(END_LIMITS.nameBytesMax);
  const meta = reader.meta();
  if (!reader.ok) return null;
  const body = Body.received(reader.rest(), encoding);
  return { kind, target, to, process, node, id, ttlMs, via, name, meta, body };
}

const NOTHING: Shared = { to: '', process: '', node: null };

function unknownFrame({ process, to, id }: ReadFrame): UnknownFrame {
  return { kind: 'unknown', process, to, id };
}

function isUnknown({ kind, target, via, process, id }: ReadFrame): boolean {
  const hasUnknown = kind === undefined || target === undefined || via === undefined;
  return hasUnknown && id > 0 && isProcessId(process);
}

/** A number nobody knows leaves its word undefined. */
type ReadWords = { readonly [F in 'kind' | 'target' | 'via']: SwarmHeader[F] | undefined };

/** Accepts exactly what `swarmHeaderSchema` accepts. */
export function isSwarmHeader<H extends Omit<SwarmHeader, keyof ReadWords> & ReadWords>(
  header: H,
): header is H & SwarmHeader {
  const { to, node, name } = header;
  const isLegible = (to === '' || isNodeId(to)) && (node === null || isNodeId(node));
  return isLegible && (name === '' || isName(name)) && hasMeaning(header);
}

/** The same for a header whose texts are well formed and within their bounds. */
function hasMeaning<H extends Omit<SwarmHeader, keyof ReadWords> & ReadWords>(
  header: H,
): header is H & SwarmHeader {
  const { kind, target, via, to, process, ttlMs, name } = header;
  if (kind === undefined || target === undefined || via === undefined) return false;
  if (!isProcessId(process) || ttlMs > LIMITS.timeoutMsMax) return false;
  if ((target === 'process') !== (to === '')) return false;
  return (kind === 'request' || kind === 'event') === (name !== '');
}

let lastProcess: unknown;

function isProcessId(value: unknown): boolean {
  // Frames of one process come in numbers, and a text that is the same compares for nothing.
  if (value === lastProcess) return true;
  if (typeof value !== 'string' || !/^[a-z2-7]{16}$/.test(value)) return false;
  lastProcess = value;
  return true;
}
