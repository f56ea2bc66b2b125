import { isName } from './guard.ts';
import { bySpecificity, matches, type Pattern, parsePattern } from './pattern.ts';

export interface PatternEntry<H> {
  readonly name: string;
  readonly pattern: Pattern;
  handlers: readonly H[];
}

/** Handlers by name; a table in a table makes a dotted name. */
export interface HandlerTable<H> {
  readonly [name: string]: H | HandlerTable<H>;
}

/**
 * Handlers by name. Lists are replaced and never changed, so a running chain keeps the handlers
 * it began with.
 */
export class Handlers<H> {
  readonly #exact: Map<string, readonly H[]> = new Map();
  /** The most specific first. */
  #patterns: readonly PatternEntry<H>[] = [];

  /**
   * Answer `name`, an exact name or a pattern, after the handlers registered before; returns what
   * removes the handler again.
   *
   * @throws TypeError for a name that no frame could carry, or a handler that is no function.
   */
  on(name: string, handler: H): () => void {
    if (!isName(name)) throw new TypeError('a name is a text of 1 to 256 bytes');
    if (typeof handler !== 'function') throw new TypeError(`the handler of ${name} is no function`);
    const pattern = parsePattern(name);
    if (pattern === null) {
      this.#exact.set(name, [...(this.#exact.get(name) ?? []), handler]);
    } else this.#onPattern(name, pattern, handler);
    let present = true;
    return () => {
      if (present) this.#remove(name, pattern, handler);
      present = false;
    };
  }

  /** Register a whole table, and return what removes it again. */
  implement(table: HandlerTable<H>): () => void {
    const removers: (() => void)[] = [];
    const removeAll = () => {
      for (const remove of removers) remove();
    };
    try {
      for (const [name, handler] of flatten('', table)) removers.push(this.on(name, handler));
    } catch (error) {
      removeAll();
      throw error;
    }
    return removeAll;
  }

  /** @internal */
  exact(name: string): readonly H[] | undefined {
    return this.#exact.get(name);
  }

  /** The most specific pattern that matches. @internal */
  match(segments: readonly string[]): PatternEntry<H> | undefined {
    return this.#patterns.find(({ pattern }) => matches(pattern, segments));
  }

  /** @internal */
  get hasPatterns(): boolean {
    return this.#patterns.length > 0;
  }

  #onPattern(name: string, pattern: Pattern, handler: H): void {
    const entry = this.#patterns.find((known) => known.name === name);
    if (entry !== undefined) entry.handlers = [...entry.handlers, handler];
    else {
      this.#patterns = [...this.#patterns, { name, pattern, handlers: [handler] }].sort((a, b) =>
        bySpecificity(a.pattern, b.pattern),
      );
    }
  }

  #remove(name: string, pattern: Pattern | null, handler: H): void {
    if (pattern === null) {
      const rest = without(this.#exact.get(name) ?? [], handler);
      if (rest.length > 0) this.#exact.set(name, rest);
      else this.#exact.delete(name);
      return;
    }
    const entry = this.#patterns.find((known) => known.name === name);
    if (entry === undefined) return;
    entry.handlers = without(entry.handlers, handler);
    if (entry.handlers.length === 0) this.#patterns = without(this.#patterns, entry);
  }
}

function flatten<H>(prefix: string, table: HandlerTable<H>): [name: string, handler: H][] {
  return Object.entries(table).flatMap(([key, entry]) => {
    const name = prefix + key;
    const isTable = typeof entry === 'object' && entry !== null;
    return isTable ? flatten(`${name}.`, entry as HandlerTable<H>) : [[name, entry as H]];
  });
}

/** Without the first occurrence: a handler may be registered twice. */
function without<T>(list: readonly T[], item: T): readonly T[] {
  const index = list.indexOf(item);
  return index === -1 ? list : [...list.slice(0, index), ...list.slice(index + 1)];
}

const NONE: readonly never[] = [];

/**
 * The handlers that answer `name`: the exact ones if there are any, else those of the most
 * specific pattern; the shared ones first, then the node's own, each in order of registration.
 */
export function select<H>(
  name: string,
  shared: Handlers<H>,
  own: Handlers<H> | null,
): readonly H[] {
  const exact = join(shared.exact(name), own?.exact(name));
  if (exact !== undefined) return exact;
  if (!shared.hasPatterns && own?.hasPatterns !== true) return NONE;
  const segments = name.split('.');
  const a = shared.match(segments);
  const b = own?.match(segments);
  if (a === undefined || b === undefined) return a?.handlers ?? b?.handlers ?? NONE;
  const order = bySpecificity(a.pattern, b.pattern);
  if (order === 0) return [...a.handlers, ...b.handlers];
  return order < 0 ? a.handlers : b.handlers;
}

function join<H>(a: readonly H[] | undefined, b: readonly H[] | undefined) {
  if (a === undefined || b === undefined) return a ?? b;
  return [...a, ...b];
}
