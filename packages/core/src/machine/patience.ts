import { unreachable } from '../errors.ts';
import type { OpenRequest } from './asked.ts';
import { RESOLVE_TIMEOUT_MS } from './resolver.ts';
import type { Timed, Wheel } from './wheel.ts';

/**
 * Requests that went to all who listen to a name, one of whom has said not to have the node. An
 * id that changes hands has two listeners for a moment: the other one may be about to answer.
 */
export class Patience {
  readonly #wheel: Wheel;
  readonly #waits: Map<OpenRequest, Wait> = new Map();

  constructor(wheel: Wheel) {
    this.#wheel = wheel;
  }

  get size(): number {
    return this.#waits.size;
  }

  add(request: OpenRequest, nowMs: number): void {
    if (this.#waits.has(request)) return;
    const wait = new Wait(request, nowMs + RESOLVE_TIMEOUT_MS);
    this.#waits.set(request, wait);
    this.#wheel.add(wait, nowMs);
  }

  /** The request is settled. */
  remove(request: OpenRequest): void {
    const wait = this.#waits.get(request);
    if (wait === undefined) return;
    this.#waits.delete(request);
    this.#wheel.remove(wait);
  }
}

class Wait implements Timed {
  readonly deadlineMs: number;
  readonly #request: OpenRequest;
  wheelSlot: number | null = null;
  wheelPrevious: Timed | null = null;
  wheelNext: Timed | null = null;

  constructor(request: OpenRequest, deadlineMs: number) {
    this.#request = request;
    this.deadlineMs = deadlineMs;
  }

  /** Others may have it, and be slow. */
  expire(): void {
    this.#request.settle({ ok: false, error: unreachable('unknown') });
  }
}
