import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bytesFrame,
  closeFrame,
  decodeText,
  FRAME,
  frameOf,
  PING,
  PONG,
  readClose,
  readRefused,
  refusedFrame,
  WELCOME,
} from '../src/frame.ts';
import { helloFrame, readHello } from '../src/hello.ts';
import { FrameReader } from '../src/reader.ts';
import { gate, socketPair } from './fixture.ts';
import { RawEnd } from './raw.ts';

// The file speaks for itself, so that another language can replay it; see spec/protocol.md.

type VectorFrame =
  | { type: 'hello'; dialect: string; url: string; headers: Record<string, string> }
  | { type: 'welcome' | 'ping' | 'pong' }
  | { type: 'refused'; status: number }
  | { type: 'text'; text: string }
  | { type: 'bytes'; bytes: string }
  | { type: 'close'; code: number; reason: string };
interface Vector {
  readonly name: string;
  readonly bytes: string;
  readonly frame?: VectorFrame;
  readonly closed?: number;
  readonly canonical?: false;
}

const url = new URL('../../../spec/vectors/tcp.json', import.meta.url);
const vectors: readonly Vector[] = JSON.parse(readFileSync(url, 'utf8'));

/** A frame as a vector says it. */
function read(bytes: Buffer): unknown {
  const reader = new FrameReader(1_048_576);
  reader.push(bytes);
  const payload = reader.next();
  if (payload === null || typeof payload === 'string') return payload;
  const [type] = Object.entries(FRAME).find(([, number]) => number === reader.type) ?? [];
  switch (type) {
    case 'hello': {
      const { dialect, url, headers } = readHello(payload) ?? {};
      return { type, dialect, url, headers: { ...headers } };
    }
    case 'refused':
      return { type, status: readRefused(payload) };
    case 'text':
      return { type, text: decodeText(payload) };
    case 'bytes':
      return { type, bytes: payload.toString('hex') };
    case 'close':
      return { type, ...readClose(payload) };
    default:
      return { type };
  }
}

function write(frame: VectorFrame): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return helloFrame(frame);
    case 'welcome':
      return WELCOME;
    case 'refused':
      return refusedFrame(frame.status);
    case 'text':
      return frameOf(FRAME.text, frame.text);
    case 'bytes':
      return Buffer.concat(bytesFrame(Buffer.from(frame.bytes, 'hex')));
    case 'ping':
      return PING;
    case 'pong':
      return PONG;
    case 'close':
      return closeFrame(frame);
  }
}

describe('the vectors of TCP', () => {
  it('are read as they say', () => {
    for (const { name, bytes, frame } of vectors) {
      if (frame !== undefined) expect.soft(read(Buffer.from(bytes, 'hex')), name).toEqual(frame);
    }
  });

  it('are what is written, to the byte, where they are canonical, and only there', () => {
    for (const { name, bytes, frame, canonical = true } of vectors) {
      if (frame === undefined) continue;
      const written = Buffer.from(write(frame)).toString('hex');
      expect.soft(written === bytes, name).toBe(canonical);
    }
  });

  it.each(vectors.filter(({ closed }) => closed !== undefined))(
    'have what closes a socket: $name',
    async ({ bytes, closed }) => {
      const { socket, far } = await socketPair();
      const lost = gate<number>();
      socket.attach({ message() {}, closed: lost.open });
      const end = new RawEnd(far);

      far.write(Buffer.from(bytes, 'hex'));

      expect(await end.closeCode()).toBe(closed);
      expect(await lost.promise).toBe(1006);
    },
  );

  it('have names of their own, and cover every type', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    const types = vectors.flatMap(({ frame }) => (frame === undefined ? [] : [frame.type]));
    expect(new Set<string>(types)).toEqual(new Set(Object.keys(FRAME)));
  });
});
