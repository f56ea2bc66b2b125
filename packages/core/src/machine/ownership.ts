import { protocolError } from '../errors.ts';
import type { RouterConfig, RouterHost } from './contract.ts';

/**
 * The nodes of this process, and the rule for an id that has two owners. Ownership is best
 * effort, not a lock: while the swarm is parted, two processes can own one id.
 */
export class Ownership<N> {
  readonly #host: RouterHost<N>;
  readonly #config: RouterConfig;
  readonly #nodes: Map<string, N> = new Map();
  /** Chosen ids whose claim has not come back from the swarm yet. */
  readonly #claiming: Set<string> = new Set();

  constructor(host: RouterHost<N>, config: RouterConfig) {
    this.#host = host;
    this.#config = config;
  }

  get nodes(): ReadonlyMap<string, N> {
    return this.#nodes;
  }

  /** @throws SwarmError `forbidden` when the id has an owner here that is to keep it. */
  add(id: string, node: N): void {
    const present = this.#nodes.get(id);
    if (present !== undefined) {
      if (this.#config.takeover === 'oldest') {
        throw protocolError('forbidden', 'no', 'the id is taken', { id });
      }
      this.#host.evict(present, 'replaced');
    }
    this.#nodes.set(id, node);
    this.#host.joined(id, node);
  }

  remove(id: string, node: N, reason: string): void {
    if (this.#nodes.get(id) !== node) return;
    this.#nodes.delete(id);
    this.#claiming.delete(id);
    this.#host.left(id, node, reason);
  }

  claiming(id: string): void {
    this.#claiming.add(id);
  }

  /**
   * A claim of `process` arrived. Claims of one id reach all who listen in the same order: one
   * that comes before our own has lost against it, one that comes later is the newer owner's.
   *
   * @returns whether the claimant must be told that the id is taken.
   */
  claimed(id: string, process: string): boolean {
    if (process === this.#config.process) {
      this.#claiming.delete(id);
      return false;
    }
    const node = this.#nodes.get(id);
    if (node === undefined || this.#claiming.has(id)) return false;
    if (this.#config.takeover === 'oldest') return true;
    this.#host.evict(node, 'replaced');
    return false;
  }

  /** The owner in another process keeps the id. */
  taken(id: string): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) this.#host.evict(node, 'taken');
  }
}
