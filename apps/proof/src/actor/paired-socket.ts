import type { Message, Socket, SocketHost } from '@swarm/core';

/** One end of a pair of sockets in this process: what one sends the other receives. */
export class PairedSocket implements Socket {
  readonly #onClosed: (code: number, reason: string) => void;
  #host: SocketHost | null = null;
  #peer: PairedSocket | null = null;
  #isOpen = true;

  private constructor(onClosed: (code: number, reason: string) => void) {
    this.#onClosed = onClosed;
  }

  /** `onClosed` is told how the near one ended. */
  static pair(onClosed: (code: number, reason: string) => void): [PairedSocket, PairedSocket] {
    const [near, far] = [new PairedSocket(onClosed), new PairedSocket(() => {})];
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    if (this.#isOpen) queueMicrotask(() => this.#peer?.receive(message));
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#onClosed(code, reason);
    this.#host?.closed(code, reason);
    queueMicrotask(() => this.#peer?.close(code, reason));
  }

  /** What the other end has sent. */
  receive(message: Message): void {
    if (this.#isOpen) this.#host?.message(message);
  }
}
