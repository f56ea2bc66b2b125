import type { Message, Socket, SocketHost } from '@swarm/core';

/** One end of a pair of sockets in this process: what one sends the other receives. */
export class PairedSocket implements Socket {
  readonly #onClosed: (code: number, reason: string) => void;
  #host: SocketHost | null = null;
  #peer: PairedSocket | null = null;
  #isOpen = true;
  #isReading = true;
  /** What the other end has sent, and this one has not read. */
  readonly #unread: Message[] = [];

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

  /** What the other end has not read. */
  get bufferedBytes(): number {
    return this.#peer?.unreadBytes ?? 0;
  }

  get unreadBytes(): number {
    return this.#unread.reduce((sum, { length }) => sum + length, 0);
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /** Take what it is sent from now on, or leave it at the other end. */
  read(isReading: boolean): void {
    this.#isReading = isReading;
    if (isReading) for (const message of this.#unread.splice(0)) this.receive(message);
  }

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    if (!this.#isOpen) return;
    if (this.#peer?.isReading) queueMicrotask(() => this.#peer?.receive(message));
    else this.#peer?.receive(message);
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
    if (!this.#isReading) this.#unread.push(message);
    else if (this.#isOpen) this.#host?.message(message);
  }
}
