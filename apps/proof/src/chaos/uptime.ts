import type { Entry } from '../trace.ts';
import type { Span } from './span.ts';

/** When the links of actors were ready, as they have told themselves. */
export class Uptime {
  readonly #spans: Map<string, Span[]> = new Map();

  /** `trace` is in the order of time. */
  constructor(trace: readonly Entry[]) {
    const since = new Map<string, number>();
    for (const { what, actor, atMs } of trace) {
      if (what === 'linked') since.set(actor, atMs);
      if (what === 'unlinked') this.#end(actor, since, atMs);
    }
    for (const actor of [...since.keys()]) this.#end(actor, since, Number.POSITIVE_INFINITY);
  }

  /** Whether the link of `actor` was ready, and the same one, for all of this time. */
  covers(actor: string, { fromMs, toMs }: Span): boolean {
    const spans = this.#spans.get(actor) ?? [];
    return spans.some((span) => span.fromMs < fromMs && toMs < span.toMs);
  }

  /** Whether a link of `actor` became ready within this time. */
  begins(actor: string, { fromMs, toMs }: Span): boolean {
    const spans = this.#spans.get(actor) ?? [];
    return spans.some((span) => span.fromMs > fromMs && span.fromMs < toMs);
  }

  #end(actor: string, since: Map<string, number>, toMs: number): void {
    const fromMs = since.get(actor);
    since.delete(actor);
    if (fromMs === undefined) return;
    this.#spans.set(actor, [...(this.#spans.get(actor) ?? []), { fromMs, toMs }]);
  }
}
