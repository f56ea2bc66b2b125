import { inboxSubject, nodeSubject, processOf } from '../address.ts';
import type { Way } from './outbox.ts';

/**
 * Where nodes are. A generated id says it; a chosen one is reached by its own subject until an
 * answer has told its process. What is learned counts from the end of the turn on, so that two
 * frames of one turn never overtake each other on two ways.
 */
export class Routes {
  readonly #namespace: string;
  readonly #max: number;
  /** Chosen ids, and where the broker does not tell who hears also processes, that answered. */
  readonly #learned: Map<string, string> = new Map();
  /** The same the other way round. */
  readonly #keysOf: Map<string, Set<string>> = new Map();
  /** Ways to inboxes, because making a subject takes longer than finding it. */
  readonly #inboxes: Map<string, Way> = new Map();
  #learning: (readonly [key: string, process: string])[] = [];

  constructor(namespace: string, max: number) {
    this.#namespace = namespace;
    this.#max = max;
  }

  /** Whether somebody has answered for the key, see {@link keyOf}. */
  has(key: string): boolean {
    return this.#learned.has(key);
  }

  /** `home` is the process that the id carries, if it does. */
  wayTo(node: string, home: string | null = processOf(node)): Way {
    const process = home ?? this.#learned.get(node) ?? null;
    return process === null ? this.byName(node) : this.toProcess(process);
  }

  byName(node: string): Way {
    return { subject: nodeSubject(this.#namespace, node), process: null };
  }

  toProcess(process: string): Way {
    let way = this.#inboxes.get(process);
    if (way === undefined) {
      way = { subject: inboxSubject(this.#namespace, process), process };
      if (this.#inboxes.size >= this.#max) this.#inboxes.clear();
      this.#inboxes.set(process, way);
    }
    return way;
  }

  /** From the end of the turn on, `node` is reached in the inbox of `process`. */
  learnLater(node: string, process: string): void {
    this.#learning.push([node, process]);
  }

  learn(key: string, process: string): void {
    this.#forget(key);
    this.#learned.set(key, process);
    const keys = this.#keysOf.get(process) ?? new Set();
    this.#keysOf.set(process, keys.add(key));
    if (this.#learned.size <= this.#max) return;
    for (const oldest of this.#learned.keys()) return this.#forget(oldest);
  }

  endTurn(): void {
    if (this.#learning.length === 0) return;
    const learning = this.#learning;
    this.#learning = [];
    for (const [node, process] of learning) this.learn(node, process);
  }

  /** `process` does not have it, whatever we thought. */
  forget(key: string, process: string): void {
    if (this.#learned.get(key) === process) this.#forget(key);
  }

  /** The process is gone, with all that we thought it had. */
  forgetProcess(process: string): void {
    for (const key of this.#keysOf.get(process) ?? []) this.#learned.delete(key);
    this.#keysOf.delete(process);
  }

  clear(): void {
    this.#learned.clear();
    this.#keysOf.clear();
    this.#learning = [];
  }

  #forget(key: string): void {
    const process = this.#learned.get(key);
    if (process === undefined) return;
    this.#learned.delete(key);
    const keys = this.#keysOf.get(process);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOf.delete(process);
  }
}

/** What an answer to "who has this node" is remembered by: its process, or the id itself. */
export function keyOf(node: string): string {
  return processOf(node) ?? node;
}
