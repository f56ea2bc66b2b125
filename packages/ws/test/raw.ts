import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { stopAfter } from './fixture.ts';

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** A client that speaks TCP and nothing else: it sends what no library would. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #bytes: Buffer = Buffer.alloc(0);
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    // A reset is what these clients are for.
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
    });
    // Not by `once`, which rejects when an error comes first.
    this.closed = new Promise<void>((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
    stopAfter(() => socket.destroy());
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connected, upgraded, and told `init`. */
  static async open(
    port: number,
    headers: Record<string, string> = SWARM_JSON,
    path = '/',
  ): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.socket.write(upgradeRequest(path, headers));
    const status = await client.status();
    if (status !== 101) throw new Error(`refused with ${status}`);
    await client.json();
    return client;
  }

  send(value: unknown): void {
    this.socket.write(textFrame(JSON.stringify(value)));
  }

  /** Status of the next HTTP answer. */
  async status(): Promise<number> {
    return Number((await this.head()).split(' ', 2)[1]);
  }

  /** Status line and headers of the next HTTP answer. */
  async head(): Promise<string> {
    let end = -1;
    while (end === -1) {
      end = this.#bytes.indexOf('\r\n\r\n');
      if (end === -1) await this.#more();
    }
    return this.#take(end + 4).toString('latin1');
  }

  /** The next frame, whatever it is. */
  async frame(): Promise<Frame> {
    const head = await this.#read(2);
    const opcode = head.readUInt8(0) & 0x0f;
    let length = head.readUInt8(1) & 0x7f;
    if (length === 126) length = (await this.#read(2)).readUInt16BE(0);
    else if (length === 127) length = Number((await this.#read(8)).readBigUInt64BE(0));
    return { opcode, payload: await this.#read(length) };
  }

  /** The next message, decoded. */
  async json(): Promise<unknown> {
    const { opcode, payload } = await this.frame();
    if (opcode !== OPCODE.text) throw new Error(`a frame of type ${opcode}: ${describe(payload)}`);
    return JSON.parse(payload.toString());
  }

  /** Code of the close frame; skips what comes before it. */
  async closeCode(): Promise<number> {
    for (;;) {
      const { opcode, payload } = await this.frame();
      if (opcode === OPCODE.close) return payload.readUInt16BE(0);
    }
  }

  async #read(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) await this.#more();
    return this.#take(length);
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#isClosed) throw new Error('closed by the server');
    await Promise.race([once(this.socket, 'data'), this.closed]);
  }
}

/** Says that the client listens already, so that `init` comes at once. */
export const SWARM_JSON: Record<string, string> = { 'Sec-WebSocket-Protocol': 'swarm.json' };

export function upgradeRequest(path = '/', headers: Record<string, string> = SWARM_JSON): string {
  const all: Record<string, string> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export interface FrameOptions {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
}

/** One frame as a client sends it (RFC 6455 §5.2). */
export function rawFrame(payload: Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = OPCODE.text, isFinal = true, isMasked = true } = options;
  const mask = isMasked ? randomBytes(4) : Buffer.alloc(0);
  const masked = Buffer.from(payload);
  if (isMasked) for (const [i, byte] of payload.entries()) masked[i] = byte ^ mask.readUInt8(i % 4);
  const first = (isFinal ? 0x80 : 0) | opcode;
  return Buffer.concat([Buffer.from([first]), lengthBytes(payload.length, isMasked), mask, masked]);
}

export function textFrame(text: string, options: FrameOptions = {}): Buffer {
  return rawFrame(Buffer.from(text), options);
}

export function jsonFrame(value: unknown): Buffer {
  return textFrame(JSON.stringify(value));
}

/** One message in so many frames. */
export function fragments(text: string, count: number): Buffer[] {
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) => {
    const opcode = i === 0 ? OPCODE.text : OPCODE.continuation;
    return textFrame(text.slice(i * size, (i + 1) * size), { opcode, isFinal: i === count - 1 });
  });
}

function lengthBytes(length: number, isMasked: boolean): Buffer {
  const flag = isMasked ? 0x80 : 0;
  if (length < 126) return Buffer.from([flag | length]);
  const bytes = Buffer.alloc(length < 65_536 ? 3 : 9);
  bytes.writeUInt8(flag | (length < 65_536 ? 126 : 127));
  if (length < 65_536) bytes.writeUInt16BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

function describe(payload: Buffer): string {
  return payload.length > 1 ? `${payload.readUInt16BE(0)} ${payload.subarray(2)}` : 'empty';
}
