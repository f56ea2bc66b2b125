import type { Outlet } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Contract, Definition } from './contract.ts';
import type { Dialect, InitInfo, Message } from './frame.ts';
import type { OpenRequest } from './machine/asked.ts';
import type { Call, Notice, PeerConfig, PeerHost, PeerOwner, Route } from './machine/contract.ts';
import { Peer } from './machine/peer.ts';
import type { Socket, SocketHost } from './socket.ts';

/** What a connection tells its owner. */
export interface ConnectionHost extends PeerOwner {
  /** The client said who it is. */
  introduced(info: InitInfo): void;
  /** The conversation is over; the socket is closed or closing. Once. */
  ended(code: number, reason: string): void;
}

export interface ConnectionConfig extends PeerConfig {
  readonly clock: Clock;
  readonly contract: Contract | undefined;
}

/** Drives the peer of one client's socket: bytes, calls and time in, bytes out. */
export class Connection implements PeerHost, SocketHost, Outlet {
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #config: ConnectionConfig;
  readonly #clock: Clock;
  readonly #peer: Peer;
  #ended = false;

  constructor(host: ConnectionHost, socket: Socket, dialect: Dialect, config: ConnectionConfig) {
    this.#host = host;
    this.#socket = socket;
    this.#config = config;
    this.#clock = config.clock;
    this.#peer = new Peer(this, host, dialect, config, 'opens');
    socket.attach(this);
  }

  deadlineMs(timeoutMs: number = this.#config.requestTimeoutMs): number {
    return this.#clock.nowMs() + timeoutMs;
  }

  /** Begin the conversation: `init`, and then whatever waited for it, in order. */
  open(info: InitInfo): void {
    this.#peer.open(info, this.#clock.nowMs());
  }

  request(_route: Route | null, call: Call): OpenRequest {
    return this.#peer.request(call, this.#clock.nowMs());
  }

  emit(_route: Route | null, notice: Notice): void {
    this.#peer.emit(notice);
  }

  definition(_route: Route | null, name: string): Definition | undefined {
    return this.#config.contract?.definitions.client.get(name);
  }

  cancel(request: OpenRequest): void {
    this.#peer.cancel(request);
  }

  /** End the conversation for good: the client is told not to come back. */
  close(code: number, reason: string): void {
    if (!this.#ended) this.#peer.bye(code, reason);
    this.shut(code, reason);
  }

  message(message: Message): void {
    this.#peer.receive(message, this.#clock.nowMs());
  }

  closed(code: number, reason: string): void {
    this.#end(code, reason);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes ?? 0;
  }

  transmit(message: Message): void {
    this.#socket.send(message);
  }

  introduced(info: InitInfo): void {
    this.#host.introduced(info);
  }

  shut(code: number, reason: string): void {
    if (this.#ended) return;
    // First the end, so that a socket that closes at once does not end it with another code.
    this.#end(code, reason);
    this.#socket.close(code, reason);
  }

  /** Over from the moment we say so: a socket may take long to close, or never tell. */
  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#peer.lost(reason === '' ? `the socket closed with ${code}` : reason);
    this.#host.ended(code, reason);
  }
}
