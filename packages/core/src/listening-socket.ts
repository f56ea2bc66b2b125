import { decodeUtf8 } from './codec.ts';
import type { Message } from './frame.ts';
import type { EventSocket, Socket, SocketHost } from './socket.ts';

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
