/** Begins what the trace says of something that does not hold. */
export const WRONG = '!! ';

/** What happened in a schedule: a number that differs if anything did, and on demand the words. */
export class Trace {
  readonly lines: string[] = [];
  readonly isKept: boolean;
  readonly #names: Map<string, string> = new Map();
  #hash = 0x811c9dc5;

  constructor(isKept: boolean) {
    this.isKept = isKept;
  }

  get hash(): number {
    return this.#hash >>> 0;
  }

  mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
    this.#hash ^= this.#hash >>> 15;
  }

  /** For people; `words` is only called when somebody wants to read them. */
  say(nowMs: number, words: () => string): void {
    if (this.isKept) this.lines.push(`${nowMs.toFixed(2).padStart(9)}  ${this.#named(words())}`);
  }

  /** From now on, this id of a process is shown as its name. */
  name(id: string, name: string): void {
    this.#names.set(id, name);
  }

  /** Ids are long: of processes the name is shown, of nodes the beginning. */
  #named(text: string): string {
    return text.replaceAll(/\b([a-z2-7]{16})(-[a-z2-7]{26})?\b/g, (_all, process, node = '') => {
      return (this.#names.get(process) ?? process) + node.slice(0, 4);
    });
  }
}
