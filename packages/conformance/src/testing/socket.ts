import type { Message, Socket, SocketHost } from '@swarm/core';
import type { Lane } from './lane.ts';
import { type Network, SILENCE_MS } from './network.ts';

/** WebSocket close codes (RFC 6455 §7.4.1): the connection broke; a message was too big. */
const BROKEN = 1006;
const TOO_BIG = 1009;

/** One end of a connection between a client and a server: whole messages, in order. */
export class TestSocket implements Socket {
  bufferedBytes = 0;
  readonly #network: Network;
  readonly #lane: Lane;
  readonly #frameBytesMax: number;
  #peer: TestSocket = this;
  #host: SocketHost | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #isDead = false;

  private constructor(network: Network, frameBytesMax: number) {
    this.#network = network;
    this.#lane = network.lane();
    this.#frameBytesMax = frameBytesMax;
  }

  /** The end of the client, and that of the server. */
  static pair(network: Network, frameBytesMax: number): [near: TestSocket, far: TestSocket] {
    const near = new TestSocket(network, frameBytesMax);
    const far = new TestSocket(network, frameBytesMax);
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  /** Whether somebody has it, and has not been told that it is over. */
  get isUsed(): boolean {
    return this.#state === 'open' && this.#host !== null;
  }

  attach(host: SocketHost): void {
    this.#host = host;
  }

  /** Run at the other side, once what was sent before has arrived there. */
  knock(run: () => void): void {
    this.#lane.send(() => {
      if (!this.#isDead) run();
    });
  }

  send(message: Message): void {
    if (this.#state !== 'open') return;
    const bytes = byteLength(message);
    this.bufferedBytes += bytes;
    // What is lost is never taken, so that the buffer of a dead connection fills up.
    this.knock(() => {
      this.bufferedBytes -= bytes;
      this.#peer.#arrive(message, bytes);
    });
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    if (this.#isDead) return this.#end(code, reason);
    const peer = this.#peer;
    this.knock(() => {
      peer.#end(code, reason);
      peer.knock(() => this.#end(code, reason));
    });
  }

  /** The connection breaks, and both ends are told. */
  cut(): void {
    for (const end of [this, this.#peer]) {
      end.#isDead = true;
      end.#end(BROKEN, '');
    }
  }

  /** The connection breaks, and the other end is told much later. */
  drop(): void {
    if (this.#isDead) return;
    const { clock } = this.#network;
    const peer = this.#peer;
    this.#isDead = true;
    peer.#isDead = true;
    clock.at(clock.nowMs + SILENCE_MS, () => peer.#end(BROKEN, ''));
  }

  #arrive(message: Message, bytes: number): void {
    if (this.#state !== 'open') return;
    if (bytes > this.#frameBytesMax) this.close(TOO_BIG, `over ${this.#frameBytesMax} bytes`);
    else this.#host?.message(message);
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#host?.closed(code, reason);
  }
}

function byteLength(message: Message): number {
  return typeof message === 'string' ? Buffer.byteLength(message) : message.length;
}
