import { type Acceptance, type Decision, isRefusal, type Refusal } from '@swarm/core';

/** What `accept` may return. */
export type Answer = Decision | Promise<Decision>;

/** What was decided; `cause` is what was thrown, and only for us to know. */
export interface Decided {
  readonly answer: Acceptance | Refusal;
  readonly cause: unknown;
}

/** Decisions of `accept` that are being waited for. */
export class Decisions {
  readonly #timeoutMs: number;
  /** What ends the waiting for each of them. */
  readonly #waiting: Set<() => void> = new Set();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Never rejects: whatever `ask` does, the client gets an answer in time. */
  async wait(ask: () => Answer): Promise<Decided> {
    let timer: NodeJS.Timeout | undefined;
    let stopWaiting = () => {};
    try {
      const impatience = new Promise<Refusal>((resolve) => {
        timer = setTimeout(() => resolve({ refused: true, status: 408 }), this.#timeoutMs);
        stopWaiting = () => resolve({ refused: true, status: 503 });
      });
      this.#waiting.add(stopWaiting);
      return { answer: (await Promise.race([ask(), impatience])) ?? {}, cause: null };
    } catch (thrown) {
      if (isRefusal(thrown)) return { answer: thrown, cause: null };
      return { answer: { refused: true, status: 500 }, cause: thrown };
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(stopWaiting);
    }
  }

  /** Refuse whoever still waits with 503. */
  stop(): void {
    for (const stopWaiting of this.#waiting) stopWaiting();
  }
}
