import { Body } from './body.ts';
import { decodeUtf8, fromJson, toJson } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import { errorFields, errorFrom, type SwarmError } from './errors.ts';
import {
  type Dialect,
  type ExchangeId,
  type MalformedFrame,
  type Message,
  malformed,
  RESERVED_KINDS,
  type SocketFrame,
} from './frame.ts';
import { isRecord, isWireId, isWireMessage, type WireId, type WireMessage } from './guard.ts';

/**
 * `swarm.json`: one JSON object per message, the protocol of amqp-swarm 0.3 with the optional
 * fields `ttlMs`, `meta`, `code`, `delivered` and the types `event` and `cancel` added.
 * Text and bytes are accepted, text is sent. It keeps no state, so all sockets share one.
 */
export const swarmJson: Dialect = { name: 'swarm.json', receive, send };

const NOTHING: readonly SocketFrame[] = [];

function receive(message: Message): readonly (SocketFrame | MalformedFrame)[] {
  let value: unknown;
  try {
    const text = typeof message === 'string' ? message : decodeUtf8(message);
    value = fromJson(text, END_LIMITS.jsonDepthMax);
  } catch (error) {
    return [{ kind: 'malformed', id: null, error: error as SwarmError }];
  }
  if (isWireMessage(value)) return [toFrame(value)];
  return refuse(value);
}

function toFrame(wire: WireMessage): SocketFrame {
  switch (wire.type) {
    case 'request': {
      const { correlationId: id, name, ttlMs, meta } = wire;
      return { kind: 'request', id, name, body: argsBody(wire.args), ttlMs, meta };
    }
    case 'event':
      return { kind: 'event', name: wire.name, body: argsBody(wire.args), meta: wire.meta };
    case 'response': {
      const body = Body.decoded(wire.result ?? null);
      return { kind: 'response', id: ownId(wire.correlationId), body };
    }
    case 'error': {
      const id = wire.correlationId === null ? null : ownId(wire.correlationId);
      return { kind: 'error', id, error: errorFrom(wire) };
    }
    case 'cancel':
    case 'ping':
    case 'pong':
      return { kind: wire.type, id: wire.correlationId };
    case 'init':
      return { kind: 'init', info: { node: wire.node, contract: wire.contract } };
    case 'close': {
      const { code = 1000, reason = 'closed by the other end' } = wire;
      return { kind: 'close', code, reason };
    }
  }
}

function argsBody(args: unknown): Body {
  if (Array.isArray(args)) return Body.decoded(args);
  return Body.decoded(args === undefined ? [] : [args]);
}

/** Our ids are counters written in decimal; whatever else comes back is nobody's. */
function ownId(id: WireId): ExchangeId {
  return typeof id === 'string' && /^[1-9]\d{0,15}$/.test(id) ? Number(id) : id;
}

function refuse(value: unknown): readonly (SocketFrame | MalformedFrame)[] {
  if (!isRecord(value)) return [malformed(null, 'a message is one JSON object')];
  const { type, correlationId } = value;
  if (typeof type !== 'string') return [malformed(null, 'a message has a `type`')];
  if (type.startsWith('x-')) return NOTHING;
  const id = isWireId(correlationId) ? correlationId : null;
  // Only a request's id is its sender's: the same id in an answer names an exchange of ours.
  if (KNOWN_TYPES.has(type))
    return [malformed(type === 'request' ? id : null, `not a \`${type}\``)];
  if (RESERVED_KINDS.includes(type)) return [malformed(null, 'a reserved type', 'incompatible')];
  return [malformed(id, 'an unknown type', 'incompatible')];
}

const KNOWN_TYPES: ReadonlySet<string> = new Set<WireMessage['type']>([
  'init',
  'request',
  'response',
  'error',
  'event',
  'cancel',
  'ping',
  'pong',
  'close',
]);

// Written piece by piece, because bodies are encoded already and the other fields are few. Ids of
// ours travel as strings, as the original client's do; the other end's go back as they came.
function send(frame: SocketFrame): readonly Message[] {
  switch (frame.kind) {
    case 'request': {
      const ttl = frame.ttlMs === undefined ? '' : `,"ttlMs":${Math.ceil(frame.ttlMs)}`;
      return [`{"type":"request","correlationId":"${frame.id}"${ttl}${call(frame)}}`];
    }
    case 'event':
      return [`{"type":"event"${call(frame)}}`];
    case 'response': {
      const id = toJson(frame.id);
      return [`{"type":"response","correlationId":${id},"result":${frame.body.json}}`];
    }
    case 'error':
      return [fromError(frame.id, frame.error)];
    case 'cancel':
    case 'ping':
      return [`{"type":"${frame.kind}","correlationId":"${frame.id}"}`];
    case 'pong':
      return [`{"type":"pong","correlationId":${toJson(frame.id)}}`];
    case 'init':
      return [toJson({ type: 'init', ...frame.info })];
    case 'close':
      return [toJson({ type: 'close', code: frame.code, reason: frame.reason })];
  }
}

function call({ name, body, meta }: Extract<SocketFrame, { name: string }>): string {
  const suffix = meta === undefined ? '' : `,"meta":${toJson(meta)}`;
  return `,"name":${toJson(name)},"args":${body.json}${suffix}`;
}

function fromError(id: ExchangeId | null, error: SwarmError): string {
  return toJson({ type: 'error', correlationId: id, ...errorFields(error) });
}
