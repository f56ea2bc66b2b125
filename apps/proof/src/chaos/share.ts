/** The value that this share of all values does not exceed, rounded. */
export function shareOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? sorted[0] ?? 0);
}
