import { protocolError } from '../errors.ts';
import type { RouterConfig, RouterHost } from './contract.ts';

/** How many claims of an id are on their way for its present node, and for those before it. */
interface PendingClaims {
  readonly present: number;
  readonly earlier: number;
}
const NO_CLAIMS: PendingClaims = { present: 0, earlier: 0 };

/**
 * The nodes of this process, and the rule for an id that has two owners. Ownership is best
 * effort, not a lock: while the swarm is parted, two processes can own one id.
 */
export class Ownership<N> {
  readonly #host: RouterHost<N>;
  readonly #config: RouterConfig;
  readonly #nodes: Map<string, N> = new Map();
  /** Claims of chosen ids that have not come back from the swarm yet. */
  readonly #claims: Map<string, PendingClaims> = new Map();

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
      // Whoever was told of it may have taken the id at once.
      if (this.#nodes.has(id)) throw protocolError('forbidden', 'no', 'the id is taken', { id });
    }
    this.#nodes.set(id, node);
    this.#host.joined(id, node);
  }

  remove(id: string, node: N, reason: string): void {
    if (this.#nodes.get(id) !== node) return;
    this.#nodes.delete(id);
    const claims = this.#claims.get(id);
    if (claims !== undefined) this.#setClaims(id, 0, claims.earlier + claims.present);
    this.#host.left(id, node, reason);
  }

  claiming(id: string): void {
    const { present, earlier } = this.#claims.get(id) ?? NO_CLAIMS;
    this.#setClaims(id, present + 1, earlier);
  }

  /** Claims that are on their way will not come back. */
  forgetClaims(): void {
    this.#claims.clear();
  }

  /**
   * A claim of `process` arrived. Claims of one id reach all who listen in the same order: one
   * that comes before our own has lost against it, one that comes later is the newer owner's.
   *
   * @returns whether the claimant must be told that the id is taken.
   */
  claimed(id: string, process: string): boolean {
    const { present, earlier } = this.#claims.get(id) ?? NO_CLAIMS;
    if (process === this.#config.process) {
      if (earlier > 0) this.#setClaims(id, present, earlier - 1);
      else this.#setClaims(id, Math.max(0, present - 1), 0);
      return false;
    }
    const node = this.#nodes.get(id);
    if (node === undefined || present > 0) return false;
    if (this.#config.takeover === 'oldest') return true;
    this.#host.evict(node, 'replaced');
    return false;
  }

  #setClaims(id: string, present: number, earlier: number): void {
    if (present + earlier === 0) this.#claims.delete(id);
    else this.#claims.set(id, { present, earlier });
  }

  /** The owner in another process keeps the id. */
  taken(id: string): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) this.#host.evict(node, 'taken');
  }
}
