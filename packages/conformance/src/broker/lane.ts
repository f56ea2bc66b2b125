import type { Socket } from 'node:net';

/** Of one lane; what else comes waits in the kernel, and then at the sender. */
const HELD_BYTES_MAX = 1_048_576;

/** What ails both directions of a connection, or one. */
export interface Fault {
  /** On top of what the network takes by itself. */
  readonly delayMs: number;
  /** Nothing leaves: neither bytes nor the news that the connection has ended. */
  readonly isBlocked: boolean;
}

type Content = Buffer | 'end' | 'reset';

interface Parcel {
  readonly content: Content;
  readonly takenMs: number;
}

/**
 * One direction of a connection: what comes from the source goes to the target, in this order, but
 * perhaps later. Nothing is lost in between while the connection lasts, as nothing is in TCP: what
 * was held arrives when the lane is free again.
 */
export class Lane {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #parcels: Parcel[] = [];
  #heldBytes = 0;
  #fault: Fault;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, target: Socket, fault: Fault) {
    this.#source = source;
    this.#target = target;
    this.#fault = fault;
    source.on('data', (bytes: Buffer) => this.#take(bytes));
    source.on('end', () => this.#take('end'));
    source.on('close', (hadError) => {
      if (hadError) this.#take('reset');
    });
    target.on('drain', () => this.#move());
  }

  set fault(fault: Fault) {
    this.#fault = fault;
    this.#move();
  }

  #take(content: Content): void {
    this.#parcels.push({ content, takenMs: performance.now() });
    if (content instanceof Buffer) this.#heldBytes += content.length;
    this.#move();
  }

  /** Delivers what is due, and sees to it that the rest will be. */
  #move(): void {
    clearTimeout(this.#timer);
    let [next] = this.#parcels;
    while (next !== undefined && this.#isOpen && this.#restMs(next) <= 0) {
      this.#parcels.shift();
      this.#deliver(next.content);
      [next] = this.#parcels;
    }
    if (next !== undefined && this.#isOpen) {
      this.#timer = setTimeout(() => this.#move(), this.#restMs(next));
    }
    if (this.#isOpen && this.#heldBytes < HELD_BYTES_MAX) this.#source.resume();
    else this.#source.pause();
  }

  /** By the delay of now, not of when it was taken: faults concern what is on its way too. */
  #restMs({ takenMs }: Parcel): number {
    return takenMs + this.#fault.delayMs - performance.now();
  }

  get #isOpen(): boolean {
    return !this.#fault.isBlocked && !this.#target.writableNeedDrain;
  }

  /** To a target that is closed already none of these does anything. */
  #deliver(content: Content): void {
    if (content instanceof Buffer) this.#heldBytes -= content.length;
    if (content === 'reset') reset(this.#target);
    else if (content === 'end') this.#target.end();
    else this.#target.write(content);
  }
}

/**
 * One that is still being opened has nobody at the other end who could tell. One that is being
 * ended cannot be reset: Node would lose its handle, which then stays for ever.
 */
export function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
