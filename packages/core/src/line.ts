import type { Outlet } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Contract, Definition } from './contract.ts';
import { protocolError, type SwarmError } from './errors.ts';
import type { Dialect, InitInfo, Message } from './frame.ts';
import type { OpenRequest } from './machine/asked.ts';
import type { Call, Notice, PeerConfig, PeerHost, PeerOwner, Route } from './machine/contract.ts';
import { Peer } from './machine/peer.ts';
import type { Socket, SocketHost } from './socket.ts';

export interface LineConfig extends PeerConfig {
  readonly clock: Clock;
  readonly contract: Contract | undefined;
  readonly dialect: Dialect;
  /** A socket that is being connected; a failure to connect is its `closed`. */
  readonly dial: () => Socket;
  /** Whether to dial again after a close; never asked after a `close` frame. */
  readonly reconnect: (code: number, reason: string) => boolean;
  /** Queue calls while a lost line is dialed again, instead of failing them at once. */
  readonly queueWhileDown: boolean;
  /** Time from dialing to `init`, in ms. */
  readonly openTimeoutMs: number;
  /** Silence after which the other end is asked whether it lives; doubled silence ends the socket. */
  readonly pingIntervalMs: number;
  /** Bounds of the delay before dialing again, in ms: a random time up to base * 2^attempt, capped. */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
}

/** What a line tells its client. */
export interface LineHost extends PeerOwner {
  /** The conversation is open. */
  opened(info: InitInfo): void;
  /** The socket is gone, and will be dialed again. */
  reconnecting(attempt: number, delayMs: number): void;
  /** An open conversation has ended. */
  lost(code: number, reason: string): void;
  /** It is over for good. */
  ended(error: SwarmError): void;
}

/** Silent intervals until a socket counts as dead. */
const STRIKES_MAX = 2;

/**
 * A client's line to its node: one socket at a time, dialed again when it is lost.
 *
 * A peer lives until its socket is lost. Before the conversation first opens, nothing has been
 * sent, so the peer outlives sockets that never got that far, and keeps what waits.
 */
export class Line implements PeerHost, Outlet {
  readonly #host: LineHost;
  readonly #config: LineConfig;
  readonly #clock: Clock;
  #peer: Peer;
  #socket: Socket | null = null;
  #state: 'idle' | 'dialing' | 'open' | 'down' | 'ended' = 'idle';
  #hasOpened = false;
  #attempt = 0;
  #heardMs = 0;
  #strikes = 0;
  /** The one thing to happen later: a timeout, a ping or a redial. */
  #cancel: (() => void) | null = null;

  constructor(host: LineHost, config: LineConfig) {
    this.#host = host;
    this.#config = config;
    this.#clock = config.clock;
    this.#peer = new Peer(this, host, config.dialect, config);
  }

  deadlineMs(timeoutMs: number = this.#config.requestTimeoutMs): number {
    return this.#clock.nowMs() + timeoutMs;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  dial(): void {
    const { clock, dial, openTimeoutMs } = this.#config;
    this.#state = 'dialing';
    this.#later(openTimeoutMs, () => this.shut(4408, 'no init in time', false));
    let socket: Socket;
    try {
      socket = dial();
    } catch (error) {
      this.#later(0, () => this.#gone(null, 1006, (error as Error).message, false));
      return;
    }
    if (this.#state !== 'dialing') {
      // Attached all the same: a socket that nobody listens to may end the process with an error.
      socket.attach({ message: () => {}, closed: () => {} });
      return socket.close(1000, 'closed within the dialing');
    }
    this.#socket = socket;
    const host: SocketHost = {
      message: (message) => {
        if (this.#socket !== socket) return;
        this.#heardMs = clock.nowMs();
        this.#strikes = 0;
        this.#peer.receive(message, this.#heardMs);
      },
      closed: (code, reason) => this.#gone(socket, code, reason, false),
    };
    socket.attach(host);
  }

  /** Final, also while dialing. */
  close(): void {
    if (this.#state === 'ended') return;
    this.shut(1000, 'closed by the client', true);
  }

  request(_route: Route | null, call: Call): OpenRequest {
    this.#checkUp();
    return this.#peer.request(call, this.#clock.nowMs());
  }

  emit(_route: Route | null, notice: Notice): void {
    this.#checkUp();
    this.#peer.emit(notice);
  }

  definition(_route: Route | null, name: string): Definition | undefined {
    return this.#config.contract?.definitions.node.get(name);
  }

  cancel(request: OpenRequest): void {
    this.#peer.cancel(request);
  }

  // PeerHost

  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0;
  }

  transmit(message: Message): void {
    this.#socket?.send(message);
  }

  introduced(info: InitInfo): void {
    // What waited may have been too much for the socket.
    if (this.#state !== 'dialing') return;
    this.#state = 'open';
    this.#hasOpened = true;
    this.#attempt = 0;
    this.#watch();
    const { contract } = this.#config;
    if (contract !== undefined) this.#peer.introduce({ contract: contract.info });
    this.#host.opened(info);
  }

  shut(code: number, reason: string, final: boolean): void {
    const socket = this.#socket;
    // First the end, so that a socket that closes at once does not end it with another code.
    this.#gone(socket, code, reason, final);
    socket?.close(code, reason);
  }

  #checkUp(): void {
    const { queueWhileDown } = this.#config;
    if (this.#state === 'ended') throw protocolError('closed', 'no', 'the client is closed');
    if (this.#state === 'open' || !this.#hasOpened || queueWhileDown) return;
    throw protocolError('closed', 'no', 'the connection is down');
  }

  /** Over from the moment we know or decide so; what the old socket says later is not heard. */
  #gone(socket: Socket | null, code: number, reason: string, final: boolean): void {
    if (socket !== this.#socket || this.#state === 'ended') return;
    const wasOpen = this.#state === 'open';
    const peer = this.#peer;
    const { dialect, reconnect } = this.#config;
    this.#socket = null;
    this.#cancel?.();
    this.#cancel = null;
    const again = !final && reconnect(code, reason);
    // Whoever decided may have closed the line.
    if (this.isEnded) return;
    this.#state = again ? 'down' : 'ended';
    if (peer.isOpen && again) this.#peer = new Peer(this, this.#host, dialect, this.#config);
    if (peer.isOpen || !again) peer.lost(reason === '' ? `closed with ${code}` : reason);
    else peer.retry();
    if (wasOpen) this.#host.lost(code, reason);
    if (!again) return this.#host.ended(endError(code, reason));
    // Whoever was told may have closed the line.
    if (this.#state === 'down') this.#redial();
  }

  #redial(): void {
    const { backoffBaseMs, backoffCapMs } = this.#config;
    const ceiling = Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.min(this.#attempt, 30));
    const delayMs = Math.ceil(ceiling * this.#random());
    this.#attempt += 1;
    this.#later(delayMs, () => this.dial());
    this.#host.reconnecting(this.#attempt, delayMs);
  }

  /** From 0 to 1; the runtime's own, so that a simulator repeats it. */
  #random(): number {
    const [high = 0, low = 0] = this.#clock.runtime.randomBytes(2);
    return (high * 256 + low) / 65_535;
  }

  /** Ask a silent end whether it lives. Our own stall or sleep is nobody's silence. */
  #watch(): void {
    const { pingIntervalMs } = this.#config;
    const dueMs = this.#clock.nowMs() + pingIntervalMs;
    this.#later(pingIntervalMs, () => {
      const nowMs = this.#clock.nowMs();
      const stalled = nowMs - dueMs > pingIntervalMs / 2;
      if (!stalled && nowMs - this.#heardMs >= pingIntervalMs) this.#strikes += 1;
      if (this.#strikes >= STRIKES_MAX) return this.shut(4408, 'the server is silent', false);
      if (nowMs - this.#heardMs >= pingIntervalMs / 2) this.#peer.ping(this.#strikes);
      this.#watch();
    });
  }

  #later(delayMs: number, callback: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#clock.runtime.setTimer(callback, delayMs);
  }
}

function endError(code: number, reason: string): SwarmError {
  const message = reason === '' ? `closed with ${code}` : reason;
  if (code === 4401) return protocolError('unauthorized', 'no', message);
  if (code === 4403 || code === 4409) return protocolError('forbidden', 'no', message);
  return protocolError('closed', 'no', message);
}
