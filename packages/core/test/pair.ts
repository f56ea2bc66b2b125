import type { Message, Socket, SocketHost } from '../src/index.ts';

/** One end of a pair of sockets in memory: what one sends the other receives, one turn later. */
export class PairedSocket implements Socket {
  bufferedBytes = 0;
  /** Everything handed to this end, in order. */
  readonly sent: Message[] = [];
  closedWith: { code: number; reason: string } | null = null;
  #host: SocketHost | null = null;
  #peer: PairedSocket | null = null;

  static pair(): [PairedSocket, PairedSocket] {
    const [a, b] = [new PairedSocket(), new PairedSocket()];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(message: Message): void {
    if (this.closedWith !== null) return;
    this.sent.push(message);
    queueMicrotask(() => this.#peer?.arrive(message));
  }

  /** As if the other end had sent it. */
  arrive(message: Message): void {
    if (this.closedWith === null) this.#host?.message(message);
  }

  close(code: number, reason: string): void {
    if (this.closedWith !== null) return;
    this.closedWith = { code, reason };
    this.#host?.closed(code, reason);
    queueMicrotask(() => this.#peer?.close(code, reason));
  }
}
