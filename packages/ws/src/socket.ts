import type { Duplex } from 'node:stream';
import { END_LIMITS, isCloseCode, type Message, type Socket, type SocketHost } from '@swarm/core';
import type { RawData, WebSocket } from 'ws';

/** Where a WebSocket keeps its {@link WsSocket}, so that listeners need no closure each. */
const OWNER: unique symbol = Symbol('swarm');
type Owned = WebSocket & { [OWNER]?: WsSocket };

/** From here on, what one turn sends leaves in several writes. */
const CORKED_BYTES_MAX = 65_536;
const { reasonBytesMax: REASON_BYTES_MAX } = END_LIMITS;
const NO_HOST: SocketHost = { message() {}, closed() {} };

/**
 * A WebSocket as the core sees it. Everything sent in one turn leaves in one write: the stream
 * below is corked with the first message and uncorked when the turn is over.
 */
export class WsSocket implements Socket {
  readonly #ws: Owned;
  #stream: Duplex | null;
  #isCorked = false;
  #host: SocketHost = NO_HOST;
  /** Who watches over it, and has to know of its end. */
  watcher: { remove(socket: WsSocket): void } | null = null;
  /** Rounds of the heartbeat in which nothing was heard. */
  strikes = 0;
  /** Whether anything was heard since the last round. */
  isHeard = true;

  /** `stream` carries the WebSocket; null while it is still connecting. */
  constructor(ws: WebSocket, stream: Duplex | null) {
    this.#ws = ws;
    this.#ws[OWNER] = this;
    this.#stream = stream;
    // From the first moment on, because an `error` nobody listens to ends the process.
    ws.on('message', onMessage);
    ws.on('pong', onPong);
    ws.on('close', onClose);
    ws.on('error', onError);
    ws.on('upgrade', onUpgrade);
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (!this.#isCorked && this.#stream !== null) {
      this.#isCorked = true;
      this.#stream.cork();
      process.nextTick(uncork, this);
    }
    this.#ws.send(message);
    // So much is worth a write of its own; held back, it would look like a client that does not read.
    if (this.#stream !== null && this.#stream.writableLength > CORKED_BYTES_MAX) this.uncork();
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  close(code: number, reason: string): void {
    this.uncork();
    if (isCloseCode(code)) this.#ws.close(code, shorten(reason));
    else this.#ws.terminate();
  }

  /** It does not answer: end it without a handshake. */
  terminate(reason: string): void {
    this.#ws.terminate();
    this.closed(1006, reason);
  }

  heard(message: Message): void {
    this.isHeard = true;
    this.#host.message(message);
  }

  /** Told to the core once: it takes the first word for it. */
  closed(code: number, reason: string): void {
    const host = this.#host;
    this.#host = NO_HOST;
    this.watcher?.remove(this);
    host.closed(code, reason);
  }

  connected(stream: Duplex): void {
    this.#stream = stream;
  }

  uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#stream?.uncork();
  }
}

function uncork(socket: WsSocket): void {
  socket.uncork();
}

function onMessage(this: Owned, data: RawData, isBinary: boolean): void {
  // Fragments and ArrayBuffers exist only for other values of `binaryType`.
  const bytes = data as Buffer;
  this[OWNER]?.heard(isBinary ? bytes : bytes.toString());
}

function onPong(this: Owned): void {
  const owner = this[OWNER];
  if (owner !== undefined) owner.isHeard = true;
}

function onClose(this: Owned, code: number, reason: Buffer): void {
  this[OWNER]?.closed(code, reason.toString());
}

function onError(): void {
  // The `close` that follows an error says all the core needs.
}

function onUpgrade(this: Owned, response: { readonly socket: Duplex }): void {
  this[OWNER]?.connected(response.socket);
}

function shorten(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= REASON_BYTES_MAX) return reason;
  return bytes
    .subarray(0, REASON_BYTES_MAX)
    .toString()
    .replace(/\uFFFD+$/u, '');
}
