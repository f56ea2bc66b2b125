/**
 * A handler's name with wildcards: segments split by `.`, where `*` stands for any one segment
 * and a last `>` for one or more. Names on the wire are literal, whatever characters they have.
 */
export type Pattern = readonly string[];

const ONE = '*';
const REST = '>';

/**
 * The pattern in `name`, or null when it is an exact name.
 *
 * @throws TypeError when `>` is not the last segment.
 */
export function parsePattern(name: string): Pattern | null {
  const segments = name.split('.');
  const rest = segments.indexOf(REST);
  if (rest !== -1 && rest < segments.length - 1) {
    throw new TypeError(`\`>\` must be the last segment: ${name}`);
  }
  return rest !== -1 || segments.includes(ONE) ? segments : null;
}

/** Linear in the length of the pattern. */
export function matches(pattern: Pattern, name: readonly string[]): boolean {
  const open = pattern.at(-1) === REST;
  const fixed = open ? pattern.length - 1 : pattern.length;
  if (open ? name.length <= fixed : name.length !== fixed) return false;
  for (let i = 0; i < fixed; i += 1) {
    if (pattern[i] !== ONE && pattern[i] !== name[i]) return false;
  }
  return true;
}

/** Negative when `a` is more specific: at the first difference a literal beats `*` beats `>`. */
export function bySpecificity(a: Pattern, b: Pattern): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const difference = rank(a[i]) - rank(b[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(segment: string | undefined): number {
  if (segment === undefined || segment === REST) return 2;
  return segment === ONE ? 1 : 0;
}
