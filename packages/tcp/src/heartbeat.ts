import type { TcpSocket } from './socket.ts';

/** Finds dead sockets: one timer for all of them, and none while there are none. */
export class Heartbeat {
  readonly #sockets: Set<TcpSocket> = new Set();
  readonly #intervalMs: number;
  readonly #strikesMax: number;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = 0;

  constructor(intervalMs: number, strikesMax: number) {
    this.#intervalMs = intervalMs;
    this.#strikesMax = strikesMax;
  }

  get sockets(): ReadonlySet<TcpSocket> {
    return this.#sockets;
  }

  add(socket: TcpSocket): void {
    this.#sockets.add(socket);
    socket.watcher = this;
    if (this.#timer !== null) return;
    this.#dueMs = performance.now() + this.#intervalMs;
    this.#timer = setInterval(() => this.round(performance.now()), this.#intervalMs).unref();
  }

  remove(socket: TcpSocket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size === 0) this.stop();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /**
   * Strike who was silent since the last round, end who was silent too often, ping the rest. A
   * round that comes late strikes nobody: it was us who did not listen.
   */
  round(nowMs: number): void {
    const isLate = nowMs - this.#dueMs > this.#intervalMs / 2;
    this.#dueMs = nowMs + this.#intervalMs;
    for (const socket of this.#sockets) {
      if (socket.isHeard) socket.strikes = 0;
      else if (!isLate) socket.strikes += 1;
      socket.isHeard = false;
      if (socket.strikes >= this.#strikesMax) socket.terminate('heartbeat: it does not answer');
      else socket.ping();
    }
  }
}
