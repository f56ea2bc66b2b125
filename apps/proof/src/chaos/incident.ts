import type { Span } from './span.ts';

/** A fault that was there for some time, and how everybody came to have answers again. */
export interface Incident {
  /** Name of the fault. */
  readonly fault: string;
  /** From its begin until the network and the broker are as they should be. */
  readonly span: Span;
  /** Whether nothing may fail because of it. */
  readonly isHarmless: boolean;
  /** The actors that stood still meanwhile. */
  readonly frozen: readonly string[];
  /** Of each pair of processes, in each direction: from the end of the fault to an answer. */
  readonly recoveryMs: readonly number[];
}

/** From the begin of the fault until everybody had answers again. */
export function untilRecovered({ span, recoveryMs }: Incident): Span {
  return { fromMs: span.fromMs, toMs: span.toMs + Math.max(0, ...recoveryMs) };
}
