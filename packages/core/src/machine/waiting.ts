import { protocolError } from '../errors.ts';
import type { EventFrame, RequestFrame } from '../frame.ts';
import type { OpenRequests } from './asked.ts';

/** What a peer has to say as soon as the conversation is open, in order. */
export class Waiting {
  readonly #asked: OpenRequests;
  readonly #max: number;
  #frames: (RequestFrame | EventFrame)[] = [];

  constructor(asked: OpenRequests, max: number) {
    this.#asked = asked;
    this.#max = max;
  }

  get size(): number {
    return this.#frames.length;
  }

  /** @throws SwarmError `overloaded` when the bound is reached by frames that are still wanted. */
  add(frame: RequestFrame | EventFrame): void {
    if (this.#frames.length >= this.#max) {
      this.#frames = this.#frames.filter((other) => this.#isWanted(other));
    }
    if (this.#frames.length >= this.#max) {
      throw protocolError('overloaded', 'no', `waitingFramesMax: ${this.#max} waiting`);
    }
    this.#frames.push(frame);
  }

  /** The next frame that is still wanted, counted as sent; a request has the time it has left. */
  next(nowMs: number): RequestFrame | EventFrame | null {
    for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
      if (frame.kind === 'event') return frame;
      const request = this.#asked.get(frame.id);
      if (request === undefined) continue;
      request.sent = true;
      return { ...frame, ttlMs: Math.max(0, request.deadlineMs - nowMs) };
    }
    return null;
  }

  clear(): void {
    this.#frames = [];
  }

  #isWanted(frame: RequestFrame | EventFrame): boolean {
    return frame.kind === 'event' || this.#asked.get(frame.id) !== undefined;
  }
}
