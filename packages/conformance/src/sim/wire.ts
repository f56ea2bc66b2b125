/**
 * Frames in the swarm, read and written from `spec/protocol.md` and not with the core's own code,
 * so that a mistake there is not made here too.
 */
export const SWARM_KINDS = [
  'request',
  'event',
  'response',
  'error',
  'cancel',
  'claim',
  'taken',
  'item',
  'credit',
  'end',
  'not-here',
  'who-has',
  'here',
  'ping',
] as const;

/** A frame, read. */
export interface WireFrame {
  readonly kind: number;
  readonly target: number;
  readonly via: number;
  readonly encoding: number;
  readonly id: number;
  readonly ttlMs: number;
  readonly to: string;
  readonly process: string;
  readonly node: string;
  readonly name: string;
  readonly meta: string;
  readonly body: Uint8Array;
}

/** Tell of every frame of a message: where it begins and ends. */
export function eachFrame(
  payload: Uint8Array,
  visit: (start: number, end: number) => unknown,
): void {
  if (payload[0] !== 0) {
    visit(0, payload.length);
    return;
  }
  let at = 1;
  while (at < payload.length) {
    let length = 0;
    // Of what is no frame the length may be anything, but not below 0.
    for (let scale = 1; ; scale *= 0x80) {
      const byte = payload[at] as number;
      at += 1;
      length += (byte & 0x7f) * scale;
      if (!(byte >= 0x80)) break;
    }
    visit(at, Math.min(at + length, payload.length));
    at += length;
  }
}

export function kindAt(payload: Uint8Array, start: number): number {
  return payload[start + 1] as number;
}

/** Bits of the first byte: `to`, `process`, `node` are those of the frame before, and left out. */
const SHARED = [16, 32, 64] as const;

/** Names of the workload's requests and events are a letter, a dot and the number of the call. */
export function callAt(payload: Uint8Array, start: number): number {
  let at = afterVarint(payload, afterVarint(payload, start + 5));
  const shared = payload[start] as number;
  for (const bit of SHARED) if ((shared & bit) === 0) at = afterText(payload, at);
  const length = payload[at] as number;
  let call = 0;
  for (let i = at + 3; i <= at + length; i += 1) call = call * 10 + (payload[i] as number) - 48;
  return call;
}

function afterVarint(payload: Uint8Array, start: number): number {
  let at = start;
  while ((payload[at] as number) >= 0x80) at += 1;
  return at + 1;
}

/** Texts of the workload are short. */
function afterText(payload: Uint8Array, start: number): number {
  return start + 1 + (payload[start] as number);
}

/**
 * Read a frame behind the one before it in the same message, if there is one.
 *
 * @throws RangeError when it shares a text with none.
 */
export function readFrame(
  payload: Uint8Array,
  start: number,
  end: number,
  before: WireFrame | null,
): WireFrame {
  let at = start + 5;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = payload[at] as number;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (!(byte >= 0x80)) return value;
    }
  };
  const text = (): string => {
    const length = varint();
    at += length;
    return Buffer.from(payload.buffer, payload.byteOffset + at - length, length).toString();
  };
  const [shared = 0, kind = 0, target = 0, via = 0, encoding = 0] = payload.subarray(
    start,
    start + 5,
  );
  const [id, ttlMs] = [varint(), varint()];
  const shareable = (bit: number, same: string | undefined): string => {
    if ((shared & bit) === 0) return text();
    if (same === undefined) throw new RangeError('shares a text with no frame');
    return same;
  };
  const to = shareable(SHARED[0], before?.to);
  const process = shareable(SHARED[1], before?.process);
  const node = shareable(SHARED[2], before?.node);
  const [name, meta] = [text(), text()];
  const body = payload.subarray(at, end);
  return { kind, target, via, encoding, id, ttlMs, to, process, node, name, meta, body };
}

export function writeFrame(frame: WireFrame): Uint8Array {
  const { kind, target, via, encoding, id, ttlMs, to, process, node, name, meta, body } = frame;
  const bytes = [1, kind, target, via, encoding];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  };
  varint(id);
  varint(ttlMs);
  for (const text of [to, process, node, name, meta]) {
    const encoded = Buffer.from(text);
    varint(encoded.length);
    bytes.push(...encoded);
  }
  return Uint8Array.from([...bytes, ...body]);
}

/** Kinds of frames on client sockets, in the order of their numbers in `swarm.1`. */
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
] as const;

const JSON_KINDS: ReadonlyMap<string, number> = new Map(
  SOCKET_KINDS.map((kind, index) => [kind, index]),
);

/** Undefined for what is no frame. */
export function socketKind(message: string | Uint8Array): number | undefined {
  if (typeof message !== 'string') {
    const kind = message[0];
    return kind !== undefined && kind < SOCKET_KINDS.length ? kind : undefined;
  }
  return JSON_KINDS.get(message.slice(9, message.indexOf('"', 9)));
}
