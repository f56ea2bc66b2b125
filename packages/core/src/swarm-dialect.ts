import { Body, ENCODING_JSON } from './body.ts';
import { HeaderReader, HeaderWriter } from './bytes.ts';
import { toJson } from './codec.ts';
import { END_LIMITS } from './end-limits.ts';
import { errorFields, errorFrom } from './errors.ts';
import {
  type Dialect,
  type ExchangeId,
  type MalformedFrame,
  type Message,
  malformed,
  type SocketFrame,
} from './frame.ts';
import { isCloseCode, isErrorFields, isInitInfo, isName, isReason } from './guard.ts';

/**
 * `swarm.1`: one frame per binary message, a compact header and a body that is not looked into.
 * It keeps no state, so all sockets share one.
 */
export const swarm1: Dialect = { name: 'swarm.1', receive, send };

/** What a frame on a socket is for. A kind's place is its number on the wire: append only. */
export const SOCKET_KINDS = [
  'init',
  'request',
  'event',
  'response',
  'error',
  'cancel',
  'ping',
  'pong',
  'close',
  'item', // from here on: reserved for streams
  'credit',
  'end',
] as const;

/** A frame without what comes after its header. */
export type Swarm1Header = HeaderOf<SocketFrame>;
type HeaderOf<F> = F extends SocketFrame ? Omit<F, 'body' | 'error' | 'info'> : never;

// Layouts: the byte of the kind, then
//   init      JSON
//   request   id, encoding (a byte), ttl in ms + 1 or 0 for none, name, meta, body
//   event     encoding, name, meta, body
//   response  id, encoding, body
//   error     id + 1 or 0 for none, JSON
//   cancel, ping, pong   id
//   close     code, reason
// Ids, ttl and code are varints, names and reasons texts. What follows a header that has no body
// is not read: there is room for fields of later versions.

function receive(message: Message): readonly (SocketFrame | MalformedFrame)[] {
  if (typeof message === 'string') return [malformed(null, 'a message of swarm.1 is binary')];
  return [decode(new HeaderReader(message))];
}

function decode(reader: HeaderReader): SocketFrame | MalformedFrame {
  const kind = SOCKET_KINDS[reader.byte()];
  if (kind === undefined) return malformed(null, 'an unknown kind', 'incompatible');
  switch (kind) {
    case 'request':
      return decodeRequest(reader);
    case 'event': {
      const encoding = reader.byte();
      const name = reader.text();
      const meta = reader.meta();
      return checked(reader, { kind, name, body: bodyOf(reader, encoding), meta });
    }
    case 'response': {
      const id = reader.varint();
      const encoding = reader.byte();
      return checked(reader, { kind, id, body: bodyOf(reader, encoding) });
    }
    case 'error': {
      const id = reader.varint() - 1;
      const fields = jsonOf(reader);
      if (!isErrorFields(fields)) return malformed(null, 'not an `error`');
      return checked(reader, { kind, id: id < 0 ? null : id, error: errorFrom(fields) });
    }
    case 'cancel':
    case 'ping':
    case 'pong':
      return checked(reader, { kind, id: reader.varint() });
    case 'init': {
      const info = jsonOf(reader);
      if (!isInitInfo(info)) return malformed(null, 'not an `init`');
      return checked(reader, { kind, info: { node: info.node, contract: info.contract } });
    }
    case 'close':
      return checked(reader, { kind, code: reader.varint(), reason: reader.text() });
    case 'item':
    case 'credit':
    case 'end':
      return malformed(null, 'a reserved kind', 'incompatible');
  }
}

function decodeRequest(reader: HeaderReader): SocketFrame | MalformedFrame {
  const id = reader.varint();
  // Only a request's id is its sender's: the same id in an answer names an exchange of ours.
  const blamed = reader.ok && isId(id) ? id : null;
  const encoding = reader.byte();
  const ttl = reader.varint();
  const name = reader.text();
  const meta = reader.meta();
  const body = bodyOf(reader, encoding);
  const ttlMs = ttl === 0 ? undefined : ttl - 1;
  return checked(reader, { kind: 'request', id, name, body, ttlMs, meta }, blamed);
}

function checked(
  reader: HeaderReader,
  frame: SocketFrame,
  blamed: number | null = null,
): SocketFrame | MalformedFrame {
  return reader.ok && isSwarm1Header(frame) ? frame : malformed(blamed, `not a \`${frame.kind}\``);
}

/** Accepts exactly what `swarm1HeaderSchema` accepts. Meta was checked when it was read. */
export function isSwarm1Header(header: Swarm1Header): boolean {
  switch (header.kind) {
    case 'init':
      return true;
    case 'request': {
      const { id, name, ttlMs } = header;
      return isId(id) && isName(name) && (ttlMs === undefined || ttlMs <= END_LIMITS.timeoutMsMax);
    }
    case 'event':
      return isName(header.name);
    case 'response':
    case 'cancel':
    case 'ping':
    case 'pong':
      return isId(header.id);
    case 'error':
      return header.id === null || isId(header.id);
    case 'close':
      return isCloseCode(header.code) && isReason(header.reason);
  }
}

/** A whole number that stays one when it is written plus one. */
function isId(id: ExchangeId): boolean {
  return typeof id === 'number' && id < Number.MAX_SAFE_INTEGER;
}

function bodyOf(reader: HeaderReader, encoding: number): Body {
  return Body.received(reader.rest(), encoding);
}

/** Undefined for what cannot be read: no JSON text says that. */
function jsonOf(reader: HeaderReader): unknown {
  try {
    return bodyOf(reader, ENCODING_JSON).value;
  } catch {
    return undefined;
  }
}

function send(frame: SocketFrame): readonly Message[] {
  return [encode(frame)];
}

// Bodies are encoded first: that may run code of the application, and there is one writer at a time.
function encode(frame: SocketFrame): Uint8Array {
  switch (frame.kind) {
    case 'request': {
      const { content, encoding } = frame.body;
      const ttl = frame.ttlMs === undefined ? 0 : Math.ceil(frame.ttlMs) + 1;
      const header = headerOf(frame.kind).varint(counterOf(frame.id)).byte(encoding).varint(ttl);
      return header.text(frame.name).meta(frame.meta).end(content);
    }
    case 'event': {
      const { content, encoding } = frame.body;
      return headerOf(frame.kind).byte(encoding).text(frame.name).meta(frame.meta).end(content);
    }
    case 'response': {
      const { content, encoding } = frame.body;
      return headerOf(frame.kind).varint(counterOf(frame.id)).byte(encoding).end(content);
    }
    case 'error': {
      const content = toJson(errorFields(frame.error));
      const id = frame.id === null ? 0 : counterOf(frame.id) + 1;
      return headerOf(frame.kind).varint(id).end(content);
    }
    case 'cancel':
    case 'ping':
    case 'pong':
      return headerOf(frame.kind).varint(counterOf(frame.id)).end('');
    case 'init':
      return headerOf(frame.kind).end(toJson(frame.info));
    case 'close':
      return headerOf(frame.kind).varint(frame.code).text(frame.reason).end('');
  }
}

function headerOf(kind: SocketFrame['kind']): HeaderWriter {
  return new HeaderWriter().byte(SOCKET_KINDS.indexOf(kind));
}

/** Ids come from this dialect, which knows none but numbers, or are counters of ours. */
function counterOf(id: ExchangeId): number {
  if (typeof id === 'number') return id;
  throw new TypeError('a correlation id of swarm.1 is a number');
}
