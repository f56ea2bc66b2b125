import {
  type AnyContract,
  type Client,
  type ClientOptions,
  createClient,
  type Dialect,
  type Message,
  type Socket,
  type SocketHost,
  swarm1,
} from '@swarm/core/client';

/** What is used of a browser's `WebSocket`; declared here so that no DOM typings leak in. */
interface BrowserWebSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(message: Message): void;
  close(code?: number, reason?: string): void;
}
declare const WebSocket: new (url: string, protocols: readonly string[]) => BrowserWebSocket;
declare const location: { readonly href: string } | undefined;

const OPEN = 1;

/** How a page connects. */
export interface ConnectOptions<C extends AnyContract = undefined> extends ClientOptions<C> {
  /** What the two ends speak; default `swarm.1`. */
  readonly dialect?: Dialect | undefined;
}

/**
 * Connect to a server's `listen`, from a browser. Returns at once: calls wait for the connection,
 * `ready()` tells when it is there, `close()` ends it for good. A path is taken as one of the
 * page's own server.
 *
 * @throws TypeError for what is no `ws:`, `wss:`, `http:` or `https:` URL.
 */
export function connect<C extends AnyContract = undefined>(
  url: string | URL,
  options: ConnectOptions<C> = {},
): Client<C> {
  const target = new URL(url, typeof location === 'object' ? location.href : undefined);
  target.protocol = target.protocol.replace(/^http/, 'ws');
  if (!/^wss?:$/.test(target.protocol)) throw new TypeError(`not a WebSocket URL: ${url}`);
  const { dialect = swarm1 } = options;
  const dial = () => new BrowserSocket(new WebSocket(target.href, [dialect.name]));
  return createClient(dial, { ...options, dialect });
}

class BrowserSocket implements Socket {
  readonly #socket: BrowserWebSocket;

  constructor(socket: BrowserWebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  attach(host: SocketHost): void {
    this.#socket.onmessage = ({ data }) => {
      host.message(typeof data === 'string' ? data : new Uint8Array(data));
    };
    this.#socket.onclose = ({ code, reason }) => host.closed(code, reason);
  }

  send(message: Message): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(message);
  }

  /** Browsers let a page say 1000 and 3000 to 4999 only. */
  close(code: number, reason: string): void {
    this.#socket.close(code === 1000 || code >= 3000 ? code : 4000, reason);
  }
}
