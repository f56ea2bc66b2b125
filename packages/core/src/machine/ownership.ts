import { protocolError } from '../errors.ts';
import type { RouterConfig, RouterHost } from './contract.ts';

/** What a claim or an objection of another process is answered with; null for nothing. */
export type Rejoinder = { readonly kind: 'claim' | 'taken'; readonly rank: number } | null;

/**
 * Claims made within this time of each other, in ms, count as made at once; where messages take
 * long, within three times what one takes to come back.
 */
export const CROSSING_MS = 200;

/** What is known of our claim of an id. For `oldest`, its rank comes with the time. */
interface Claim {
  readonly sinceMs: number;
  readonly rank: number;
  /** When it came back first, so that all others have heard it, too; null before that. */
  readonly heardMs: number | null;
  /** Of the links there have been, the one that it went out by last. */
  readonly link: number;
}

/**
 * The nodes of this process, and the rule for an id that has two owners: of all claims of an id
 * the one with the higher (rank, process) holds. Whoever hears a higher one yields, whoever hears
 * a lower one objects with its own; so one of two owners is left whatever the order in which they
 * hear each other. Ownership is best effort, not a lock: while the swarm is parted, two processes
 * can own one id.
 *
 * `newest`: an objection to a new claim is answered by a claim of a higher rank. One that was heard
 * and is only renewed, after its link was lost, has the lowest rank.
 * `oldest`: a claim that has stood for some time outranks those that are newer than that.
 */
export class Ownership<N> {
  readonly #host: RouterHost<N>;
  readonly #config: RouterConfig;
  readonly #nodes: Map<string, N> = new Map();
  /** Of the chosen ids that have been claimed. */
  readonly #claims: Map<string, Claim> = new Map();
  #links = 0;

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
    this.#claims.delete(id);
    this.#host.left(id, node, reason);
  }

  /** The next claims go out by another link. */
  lost(): void {
    this.#links += 1;
  }

  /** The rank to claim an id of a node of ours with, for the first time or again. */
  claim(id: string, nowMs: number): number {
    const present = this.#claims.get(id);
    const { heardMs = null, sinceMs = nowMs } = present ?? {};
    // While a link lasts ranks only grow: with less, two could yield to each other.
    if (present?.link !== this.#links) {
      const rank = this.#config.takeover === 'newest' && heardMs === null ? 1 : 0;
      this.#claims.set(id, { sinceMs, rank, heardMs, link: this.#links });
    }
    return this.#rankOf(id, nowMs) as number;
  }

  /** A claim of another process arrived, or our own, which every listener of the id hears. */
  claimed(id: string, process: string, rank: number, nowMs: number): Rejoinder {
    const own = this.#rankOf(id, nowMs);
    // No node of ours, or one whose claim is yet to come: others will hear that one.
    if (own === null) return null;
    if (process === this.#config.process) {
      const claim = this.#claims.get(id) as Claim;
      this.#claims.set(id, { ...claim, heardMs: claim.heardMs ?? nowMs });
      return null;
    }
    if (!this.#isOver(rank, process, own)) return { kind: 'taken', rank: own };
    this.#yield(id);
    return null;
  }

  /** Another process objects to our claim. */
  taken(id: string, process: string, rank: number, nowMs: number): Rejoinder {
    const own = this.#rankOf(id, nowMs);
    if (own === null) return null;
    const isNewest = this.#config.takeover === 'newest';
    // What it objected to may have been weaker than what we have by now.
    if (!this.#isOver(rank, process, own)) return isNewest ? null : { kind: 'taken', rank: own };
    if (isNewest && own > 0 && rank < Number.MAX_SAFE_INTEGER) {
      this.#claims.set(id, { sinceMs: nowMs, rank: rank + 1, heardMs: null, link: this.#links });
      return { kind: 'claim', rank: rank + 1 };
    }
    this.#yield(id);
    return null;
  }

  #rankOf(id: string, nowMs: number): number | null {
    const claim = this.#claims.get(id);
    if (claim === undefined) return null;
    if (this.#config.takeover === 'newest') return claim.rank;
    // An objection takes as long as the claim itself: before that, it may be on its way.
    if (claim.heardMs === null) return 0;
    const crossingMs = Math.max(CROSSING_MS, 3 * (claim.heardMs - claim.sinceMs));
    return nowMs - claim.sinceMs >= crossingMs ? 1 : 0;
  }

  #isOver(rank: number, process: string, own: number): boolean {
    return rank > own || (rank === own && process > this.#config.process);
  }

  #yield(id: string): void {
    const node = this.#nodes.get(id);
    const reason = this.#config.takeover === 'newest' ? 'replaced' : 'taken';
    if (node !== undefined) this.#host.evict(node, reason);
  }
}
