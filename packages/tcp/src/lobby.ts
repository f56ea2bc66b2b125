import type { Socket as Stream } from 'node:net';

interface Guest {
  readonly stream: Stream;
  readonly timer: NodeJS.Timeout;
  readonly onClose: () => void;
}

/**
 * Connections that have not said yet who they are. There is a bound to their number and their
 * time: when it is full, the one that is silent for longest makes room for a new one, so that
 * many silent connections keep nobody out who says hello at once.
 */
export class Lobby {
  /** In the order they came. */
  readonly #guests: Map<unknown, Guest> = new Map();
  readonly #guestsMax: number;
  readonly #patienceMs: number;

  constructor(guestsMax: number, patienceMs: number) {
    this.#guestsMax = guestsMax;
    this.#patienceMs = patienceMs;
  }

  get size(): number {
    return this.#guests.size;
  }

  /** Under a key; whoever had it is not watched any more. */
  enter(key: unknown, stream: Stream): void {
    this.leave(key);
    const [oldest] = this.#guests.keys();
    if (this.#guests.size >= this.#guestsMax) this.#turnAway(oldest);
    const timer = setTimeout(() => this.#turnAway(key), this.#patienceMs);
    const onClose = () => this.leave(key);
    stream.once('close', onClose);
    this.#guests.set(key, { stream, timer, onClose });
  }

  /** False for one that is not here any more. */
  leave(key: unknown): boolean {
    const guest = this.#guests.get(key);
    if (guest === undefined) return false;
    this.#guests.delete(key);
    clearTimeout(guest.timer);
    guest.stream.off('close', guest.onClose);
    return true;
  }

  close(): void {
    for (const key of [...this.#guests.keys()]) this.#turnAway(key);
  }

  #turnAway(key: unknown): void {
    const guest = this.#guests.get(key);
    this.leave(key);
    guest?.stream.destroy();
  }
}
