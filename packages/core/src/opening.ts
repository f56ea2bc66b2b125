import type { ServerNode } from './node.ts';
import type { Runtime } from './runtime.ts';

/**
 * Nodes whose conversation is about to begin, and the one timer for all of them.
 *
 * `init` waits for the code that awaited the node to register its handlers; and for a client that
 * named no dialect a little longer, because the original one listens late.
 */
export class Opening {
  readonly #runtime: Runtime;
  /** By the time they are due; all delays but 0 are the same, so the order is theirs. */
  #due: { readonly node: ServerNode; readonly atMs: number }[] = [];
  #cancel: (() => void) | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get size(): number {
    return this.#due.length;
  }

  add(node: ServerNode, delayMs: number): void {
    const atMs = this.#runtime.nowMs() + delayMs;
    const index = this.#due.findLastIndex((other) => other.atMs <= atMs);
    if (index + 1 === this.#due.length) this.#due.push({ node, atMs });
    else this.#due.splice(index + 1, 0, { node, atMs });
    if (index === -1) this.#arm(delayMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#due = [];
  }

  #arm(delayMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#runtime.setTimer(() => this.#open(), delayMs);
  }

  #open(): void {
    const nowMs = this.#runtime.nowMs();
    const later = this.#due.findIndex(({ atMs }) => atMs > nowMs);
    const ready = later === -1 ? this.#due : this.#due.slice(0, later);
    this.#due = later === -1 ? [] : this.#due.slice(later);
    this.#cancel = null;
    const [next] = this.#due;
    if (next !== undefined) this.#arm(Math.max(1, Math.ceil(next.atMs - nowMs)));
    for (const { node } of ready) node.open();
  }
}
