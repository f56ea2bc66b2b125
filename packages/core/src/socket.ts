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
