import type { SwarmFrame } from '../swarm-frame.ts';
import type { OpenRequest } from './asked.ts';
import type { Timed, Wheel } from './wheel.ts';

/** How long an owner may take to say that it is there, in ms. */
export const RESOLVE_TIMEOUT_MS = 200;

/** A frame that waits until it is known where its node is; of an event, without a request. */
export interface Held {
  readonly frame: SwarmFrame;
  readonly request: OpenRequest | null;
}

/**
 * What is held back while the swarm is asked who has a node, because its broker does not tell
 * when nobody hears. A question is about an id somebody chose, or about a whole process.
 */
export class Resolver {
  readonly #wheel: Wheel;
  readonly #onSilence: (held: readonly Held[]) => void;
  readonly #questions: Map<string, Question> = new Map();

  /** `onSilence` takes what waited for an answer that did not come. */
  constructor(wheel: Wheel, onSilence: (held: readonly Held[]) => void) {
    this.#wheel = wheel;
    this.#onSilence = onSilence;
  }

  get size(): number {
    return this.#questions.size;
  }

  /** How many frames wait for the answer to a question; 0 when it is not open. */
  heldFor(key: string): number {
    return this.#questions.get(key)?.held.length ?? 0;
  }

  /** Hold a frame back. True when that opened the question, so that it must be asked. */
  hold(key: string, held: Held, nowMs: number): boolean {
    const open = this.#questions.get(key);
    if (open !== undefined) {
      open.held.push(held);
      return false;
    }
    const question = new Question(nowMs + RESOLVE_TIMEOUT_MS, () => {
      this.#questions.delete(key);
      this.#onSilence(question.held);
    });
    question.held.push(held);
    this.#questions.set(key, question);
    this.#wheel.add(question, nowMs);
    return true;
  }

  /** The question is answered: what waited for it, in order. */
  answered(key: string): readonly Held[] {
    const question = this.#questions.get(key);
    if (question === undefined) return [];
    this.#questions.delete(key);
    this.#wheel.remove(question);
    return question.held;
  }

  clear(): void {
    for (const key of [...this.#questions.keys()]) this.answered(key);
  }
}

class Question implements Timed {
  readonly deadlineMs: number;
  readonly held: Held[] = [];
  readonly #onSilence: () => void;
  wheelSlot: number | null = null;
  wheelPrevious: Timed | null = null;
  wheelNext: Timed | null = null;

  constructor(deadlineMs: number, onSilence: () => void) {
    this.deadlineMs = deadlineMs;
    this.#onSilence = onSilence;
  }

  expire(): void {
    this.#onSilence();
  }
}
