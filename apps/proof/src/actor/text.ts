/** From so many characters on, a trace has only the length of a text. */
const LONG_CHARS = 256;

/** A text of so many characters. */
export function textOf(chars: number): string {
  return 'x'.repeat(chars);
}

/** A value for a trace, which people read, and which is sent from process to process. */
export function abridged<T>(value: T): T;
export function abridged(value: unknown): unknown {
  if (typeof value === 'string' && value.length >= LONG_CHARS) return `${value.length} characters`;
  return Array.isArray(value) ? value.map(abridged) : value;
}
