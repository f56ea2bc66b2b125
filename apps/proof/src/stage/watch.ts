import type { Entry, EntryOf } from '../trace.ts';

/** Longest time that anything may take to happen, on whatever machine, in ms. */
const PATIENCE_MS = 60_000;

interface Waiting {
  readonly isThere: () => boolean;
  readonly resolve: () => void;
}

/** A trace that grows, and those who wait for something in it. */
export class Watch {
  readonly trace: Entry[] = [];
  readonly #waiting: Set<Waiting> = new Set();

  add(entry: Entry): void {
    this.trace.push(entry);
    for (const { isThere, resolve } of [...this.#waiting]) if (isThere()) resolve();
  }

  count<What extends Entry['what']>(
    what: What,
    matches: (entry: EntryOf<What>) => boolean,
  ): number {
    return this.#matching(what, matches).length;
  }

  /** Whether the actor, by what it told last, has a link. */
  isLinked(actor: string): boolean {
    const news = this.trace.filter((entry) => entry.actor === actor);
    const last = news.findLast(({ what }) => what === 'linked' || what === 'unlinked');
    return last?.what !== 'unlinked';
  }

  /**
   * Resolves when there are so many entries of a kind that match.
   *
   * @throws Error when they do not come, naming what was waited for.
   */
  async sees<What extends Entry['what']>(
    what: What,
    matches: (entry: EntryOf<What>) => boolean,
    { count = 1, where = '' }: { readonly count?: number; readonly where?: string } = {},
  ): Promise<readonly EntryOf<What>[]> {
    await this.#until(`${count} ${what} ${where}`, () => this.count(what, matches) >= count);
    return this.#matching(what, matches);
  }

  #matching<What extends Entry['what']>(
    what: What,
    matches: (entry: EntryOf<What>) => boolean,
  ): EntryOf<What>[] {
    return this.trace.filter((entry): entry is EntryOf<What> => {
      return entry.what === what && matches(entry as EntryOf<What>);
    });
  }

  #until(text: string, isThere: () => boolean): Promise<void> {
    if (isThere()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`did not come: ${text}`));
      }, PATIENCE_MS);
      const waiting: Waiting = {
        isThere,
        resolve: () => {
          end();
          resolve();
        },
      };
      this.#waiting.add(waiting);
    });
  }
}
