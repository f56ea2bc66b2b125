/** A time, by the clock of traces. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether the two have any time in common. */
export function overlap(a: Span, b: Span): boolean {
  return a.fromMs < b.toMs && a.toMs > b.fromMs;
}
