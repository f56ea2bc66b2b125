import { LIMITS, type Message, type Socket, type SocketHost } from '@swarm/core';
import type { SocketPair } from '../../src/index.ts';

/** Two sockets of one process, as the contract wants them. */
export function memoryPair(): SocketPair {
  const near = new MemorySocket();
  const far = new MemorySocket();
  near.peer = far;
  far.peer = near;
  const sever = () => {
    near.end(1006, '');
    far.end(1006, '');
  };
  return { near, far, sever };
}

/** Everything that goes over the connection, one thing in a turn of its own. */
class MemorySocket implements Socket {
  peer: MemorySocket = this;
  #host: SocketHost | null = null;
  #state: 'open' | 'closing' | 'ended' = 'open';
  readonly #sent: { readonly run: () => void; readonly bytes: number }[] = [];
  bufferedBytes = 0;

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    if (this.#state !== 'open') return;
    this.#carry(() => this.peer.hear(message), Buffer.byteLength(message));
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#carry(() => this.peer.goodbye(code, reason), 0);
  }

  hear(message: Message): void {
    if (this.#state === 'ended') return;
    if (Buffer.byteLength(message) <= LIMITS.socketFrameBytesMax)
      return this.#host?.message(message);
    this.peer.end(1009, 'too large');
    this.end(1006, '');
  }

  goodbye(code: number, reason: string): void {
    this.end(code, reason);
    this.peer.end(code, reason);
  }

  end(code: number, reason: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#host?.closed(code, reason);
  }

  #carry(run: () => void, bytes: number): void {
    this.bufferedBytes += bytes;
    this.#sent.push({ run, bytes });
    if (this.#sent.length === 1) setImmediate(() => this.#arrive());
  }

  /** In portions, so that both directions take turns. */
  #arrive(): void {
    for (const { run, bytes } of this.#sent.slice(0, 100)) {
      this.#sent.shift();
      this.bufferedBytes -= bytes;
      if (this.#state !== 'ended') run();
    }
    if (this.#sent.length > 0) setImmediate(() => this.#arrive());
  }
}
