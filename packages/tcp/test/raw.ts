import { once } from 'node:events';
import { connect, type Socket as Stream } from 'node:net';
import { FRAME, frameOf } from '../src/frame.ts';
import { FrameReader } from '../src/reader.ts';
import { HOST, startNet, stopAfter } from './fixture.ts';

export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

const NO_MORE = new Error('closed by the other end');

/** One end that speaks TCP and nothing else: it sends what ours would not. */
export class RawEnd {
  readonly stream: Stream;
  readonly closed: Promise<void>;
  readonly #reader = new FrameReader(1_048_576);
  readonly #frames: Frame[] = [];
  #isClosed = false;
  /** Tells who waits for a frame to look again. */
  #happened: () => void = () => {};

  constructor(stream: Stream) {
    this.stream = stream;
    stream.setNoDelay(true);
    // A reset is what these ends are for.
    stream.on('error', () => {});
    stream.on('data', (bytes) => {
      this.#receive(bytes);
      this.#happened();
    });
    // Not by `once`, which rejects on an error.
    this.closed = new Promise<void>((resolve) => {
      stream.on('close', () => {
        this.#isClosed = true;
        this.#happened();
        resolve();
      });
    });
    stopAfter(() => stream.destroy());
  }

  static async connect(port: number): Promise<RawEnd> {
    const stream = connect(port, HOST);
    await once(stream, 'connect');
    return new RawEnd(stream);
  }

  /** Connected, let in, and told `init`. */
  static async open(port: number, said: object = {}): Promise<RawEnd> {
    const end = await RawEnd.connect(port);
    end.stream.write(hello(said));
    const { type, payload } = await end.frame();
    if (type !== FRAME.welcome) throw new Error(`refused with ${payload.readUInt16BE(0)}`);
    await end.json();
    return end;
  }

  send(value: unknown): void {
    this.stream.write(jsonFrame(value));
  }

  /** The next frame, whatever it is. */
  async frame(): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#isClosed) throw NO_MORE;
      await new Promise<void>((resolve) => {
        this.#happened = resolve;
      });
    }
  }

  /** The next message, decoded. */
  async json(): Promise<unknown> {
    const { type, payload } = await this.frame();
    if (type !== FRAME.text) throw new Error(`a frame of type ${type}: ${payload.toString('hex')}`);
    return JSON.parse(payload.toString());
  }

  /** Code of the close frame; skips what comes before it. */
  async closeCode(): Promise<number> {
    for (;;) {
      const { type, payload } = await this.frame();
      if (type === FRAME.close) return payload.readUInt16BE(0);
    }
  }

  /** The status of a refusal, which has to be the next frame. */
  async status(): Promise<number> {
    const { type, payload } = await this.frame();
    if (type !== FRAME.refused) throw new Error(`a frame of type ${type}`);
    return payload.readUInt16BE(0);
  }

  #receive(bytes: Buffer): void {
    this.#reader.push(bytes);
    for (;;) {
      const payload = this.#reader.next();
      if (payload === null) return;
      if (typeof payload === 'string') throw new Error(`we were sent a frame that is ${payload}`);
      this.#frames.push({ type: this.#reader.type, payload });
    }
  }
}

export function hello(said: object = {}): Buffer {
  return frameOf(FRAME.hello, JSON.stringify({ dialect: 'swarm.json', ...said }));
}

export function jsonFrame(value: unknown): Buffer {
  return frameOf(FRAME.text, JSON.stringify(value));
}

/** Any frame; its length is true unless it is given. */
export function rawFrame(type: number, payload: Buffer, length = payload.length + 1): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 0);
  head[4] = type;
  return Buffer.concat([head, payload]);
}

/** The status a connection that says `bytes` is refused with. */
export async function refusedWith(port: number, bytes: Buffer): Promise<number> {
  const end = await RawEnd.connect(port);
  end.stream.write(bytes);
  const status = await end.status();
  await end.closed;
  return status;
}

/** A server that says `welcome` and `init`, in `swarm.json`, and then does as the test says. */
export async function startScripted(script: (end: RawEnd) => void): Promise<string> {
  const { net, url } = await startNet();
  net.on('connection', async (stream) => {
    const end = new RawEnd(stream);
    await end.frame().catch(() => {});
    stream.write(rawFrame(FRAME.welcome, Buffer.alloc(0)));
    end.send({ type: 'init' });
    script(end);
  });
  return url;
}
