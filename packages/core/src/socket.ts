import { decodeUtf8 } from './codec.ts';
import type { Message } from './frame.ts';

/** The core's side of a socket. None of these throw. */
export interface SocketHost {
  /** One whole message. Bytes must stay valid and unchanged. */
  message(message: Message): void;
  /** The socket is gone. At most once; nothing comes after it. */
  closed(code: number, reason: string): void;
}

/**
 * A message link to one client. Adapters implement this; {@link EventSocket} is the form that
 * most libraries have already.
 */
export interface Socket {
  /** Bytes handed over that the network has not taken yet; absent where that is not known. */
  readonly bufferedBytes?: number;
  /** Where messages go from now on. Called once, before anything is sent. */
  attach(host: SocketHost): void;
  /** In order, without waiting. After the close it does nothing. */
  send(message: Message): void;
  /** Ends the link, with a code of RFC 6455 §7.4; `closed` follows. */
  close(code: number, reason: string): void;
}

/**
 * A socket with listeners, like a `WebSocket` of the `ws` package or one of your own: `send`,
 * `close`, and the events `message` (text, a `Uint8Array` or an `ArrayBuffer`) and `close`.
 */
export interface EventSocket {
  send(message: Message): void;
  close(code?: number, reason?: string): void;
  // Any, because that is how emitters type their listeners.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  on(event: 'message' | 'close' | 'error', listener: (...args: any[]) => void): unknown;
}

/** Either form as a {@link Socket}. */
export function toSocket(socket: Socket | EventSocket): Socket {
  return 'attach' in socket ? socket : new ListeningSocket(socket);
}

class ListeningSocket implements Socket {
  readonly #socket: EventSocket & {
    readonly bufferedAmount?: unknown;
    readonly readyState?: unknown;
  };
  #open = true;
  #host: SocketHost | null = null;

  constructor(socket: EventSocket) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    const { bufferedAmount } = this.#socket;
    return typeof bufferedAmount === 'number' ? bufferedAmount : 0;
  }

  attach(host: SocketHost): void {
    const { readyState } = this.#socket;
    this.#host = host;
    const closed = (code?: unknown, reason?: unknown) => {
      this.#closed(typeof code === 'number' ? code : 1006, toText(reason));
    };
    this.#socket.on('message', (message: unknown) => {
      if (this.#open) host.message(toMessage(message));
    });
    this.#socket.on('close', closed);
    // An `error` event nobody listens to ends the process; the `close` after it says enough.
    this.#socket.on('error', () => {});
    // Closing or closed, in the numbers of every WebSocket: its `close` may have been already.
    if (readyState === 2 || readyState === 3) closed();
  }

  send(message: Message): void {
    if (!this.#open) return;
    try {
      this.#socket.send(message);
    } catch (error) {
      // A socket that cannot send is of no use; its node must not stay.
      this.close(1011, 'the socket failed');
      this.#closed(1006, String(error));
    }
  }

  close(code: number, reason: string): void {
    if (!this.#open) return;
    try {
      this.#socket.close(code, reason);
    } catch {
      // A WebSocket refuses codes that never travel, like 1006, and long reasons.
      this.#socket.close();
    }
  }

  #closed(code: number, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#host?.closed(code, reason);
  }
}

/** Text stays text, bytes become a `Uint8Array`; anything else is a message without meaning. */
function toMessage(message: unknown): Message {
  if (typeof message === 'string') return message;
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  if (message instanceof Uint8Array) return message;
  return '';
}

function toText(reason: unknown): string {
  if (typeof reason === 'string') return reason;
  try {
    return reason instanceof Uint8Array ? decodeUtf8(reason) : '';
  } catch {
    return '';
  }
}
