import type { Socket as Stream } from 'node:net';
import { isCloseCode, type Message, type Socket, type SocketHost } from '@swarm/core';
import {
  bytesFrame,
  type Closing,
  closeFrame,
  decodeText,
  FRAME,
  frameOf,
  PING,
  PONG,
  readClose,
  readRefused,
} from './frame.ts';
import { hangUp } from './hang-up.ts';
import { FrameReader } from './reader.ts';

/** Where a stream keeps its {@link TcpSocket}, so that listeners need no closure each. */
const OWNER: unique symbol = Symbol('swarm');
type Owned = Stream & { [OWNER]?: TcpSocket };

/** From here on, what one turn sends leaves in several writes. */
const CORKED_BYTES_MAX = 65_536;
/** Silence after which the system asks too, for whoever turns the heartbeat down. */
const KEEP_ALIVE_MS = 60_000;
const NO_HOST: SocketHost = { message() {}, closed() {} };

/**
 * A TCP or TLS connection as the core sees it. Everything sent in one turn leaves in one write: the
 * stream is corked with the first message and uncorked when the turn is over.
 */
export class TcpSocket implements Socket {
  readonly #stream: Owned;
  readonly #reader: FrameReader;
  /**
   * `opening`: the server has not answered our hello. `closing`: we have said goodbye, and wait for
   * the other end to hang up. `closed`: the core was told.
   */
  #state: 'opening' | 'open' | 'closing' | 'closed';
  /** How we close, while `closing`. */
  #closing: Closing | null = null;
  /** What the stream said was wrong with it. */
  #trouble = '';
  #isCorked = false;
  #host: SocketHost = NO_HOST;
  /** Who watches over it, and has to know of its end. */
  watcher: { remove(socket: TcpSocket): void } | null = null;
  /** Rounds of the heartbeat in which nothing was heard. */
  strikes = 0;
  /** Whether anything was heard since the last round. */
  isHeard = true;

  /** `opening` for a client that has written its hello, `open` for a server that has answered it. */
  constructor(stream: Stream, frameBytesMax: number, state: 'opening' | 'open') {
    this.#stream = stream;
    this.#stream[OWNER] = this;
    this.#reader = new FrameReader(frameBytesMax);
    this.#state = state;
    // Turns are gathered here already: the system must not wait for more.
    stream.setNoDelay(true);
    stream.setKeepAlive(true, KEEP_ALIVE_MS);
    // From the first moment on, because an `error` nobody listens to ends the process.
    stream.on('error', onError);
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('close', onClose);
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength;
  }

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    if (this.#state !== 'open') return;
    if (typeof message === 'string') this.#write(frameOf(FRAME.text, message));
    else for (const part of bytesFrame(message)) this.#write(part);
  }

  ping(): void {
    if (this.#state === 'open') this.#write(PING);
  }

  close(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    const isSendable = this.#state === 'open' && isCloseCode(code);
    this.#state = 'closing';
    if (!isSendable) {
      this.#stream.destroy();
      return;
    }
    this.#closing = { code, reason };
    this.#sayGoodbye(this.#closing);
  }

  /** It does not answer: end it without a goodbye. */
  terminate(reason: string): void {
    this.#stream.destroy();
    this.closed(1006, reason);
  }

  /** Told to the core once: it takes the first word for it. */
  closed(code: number, reason: string): void {
    const host = this.#host;
    this.#state = 'closed';
    this.#host = NO_HOST;
    this.watcher?.remove(this);
    host.closed(code, reason);
  }

  received(chunk: Buffer): void {
    this.isHeard = true;
    if (this.#isDeaf) return;
    this.#reader.push(chunk);
    while (!this.#isDeaf) {
      const payload = this.#reader.next();
      if (payload === null) return;
      if (payload === 'empty') return this.#fail(1002, 'a frame without a type');
      if (payload === 'too long') return this.#fail(1009, 'a frame over socketFrameBytesMax');
      if (this.#state === 'opening') this.#answered(this.#reader.type, payload);
      else this.#heard(this.#reader.type, payload);
    }
  }

  /** The other end hangs up. */
  ended(): void {
    if (this.#closing !== null) return this.closed(this.#closing.code, this.#closing.reason);
    if (this.#isDeaf) return;
    hangUp(this.#stream);
    this.closed(1006, 'the other end hung up');
  }

  failed(error: Error): void {
    this.#trouble = error.message;
  }

  /** The connection is gone. */
  gone(): void {
    this.closed(1006, this.#trouble);
  }

  uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#stream.uncork();
  }

  /** After a goodbye of either end, whatever comes is thrown away. */
  get #isDeaf(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  /** The server answers our hello. */
  #answered(type: number, payload: Buffer): void {
    if (type === FRAME.welcome) {
      this.#state = 'open';
      return;
    }
    const status = type === FRAME.refused ? readRefused(payload) : null;
    if (status === null) return this.#fail(1002, 'no answer to our hello');
    const isFinal = status === 401 || status === 403;
    this.#stream.destroy();
    this.closed(isFinal ? 4000 + status : 1006, `refused with ${status}`);
  }

  #heard(type: number, payload: Buffer): void {
    switch (type) {
      case FRAME.bytes:
        return this.#host.message(payload);
      case FRAME.text: {
        const text = decodeText(payload);
        return text === null ? this.#fail(1007, 'not UTF-8') : this.#host.message(text);
      }
      case FRAME.ping:
        // Whatever waits to be sent says as well that we live, so that pongs never pile up.
        if (this.#stream.writableLength === 0) this.#write(PONG);
        return;
      case FRAME.pong:
        return;
      case FRAME.close: {
        const closing = readClose(payload);
        if (closing === null) return this.#fail(1002, 'not a close frame');
        hangUp(this.#stream);
        return this.closed(closing.code, closing.reason);
      }
      default:
        return this.#fail(1002, `a frame of type ${type}`);
    }
  }

  /** The other end broke a rule. As with WebSockets, it is told which, and our end is lost. */
  #fail(code: number, reason: string): void {
    this.#sayGoodbye({ code, reason });
    this.closed(1006, reason);
  }

  #sayGoodbye(closing: Closing): void {
    this.#write(closeFrame(closing));
    this.uncork();
    hangUp(this.#stream);
  }

  #write(bytes: Uint8Array): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#stream.cork();
      process.nextTick(uncork, this);
    }
    this.#stream.write(bytes);
    // So much is worth a write of its own; held back, it would look like a client that does not read.
    if (this.#stream.writableLength > CORKED_BYTES_MAX) this.uncork();
  }
}

function uncork(socket: TcpSocket): void {
  socket.uncork();
}

function onData(this: Owned, chunk: Buffer): void {
  this[OWNER]?.received(chunk);
}

function onEnd(this: Owned): void {
  this[OWNER]?.ended();
}

function onError(this: Owned, error: Error): void {
  // The `close` that follows says the rest.
  this[OWNER]?.failed(error);
}

function onClose(this: Owned): void {
  this[OWNER]?.gone();
}
