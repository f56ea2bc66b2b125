/**
 * Those who wait for something to happen. Nobody polls: whatever happens is told here, and every
 * condition is looked at again.
 */
export class Waiting {
  readonly #settleMs: number;
  readonly #checks: Set<() => void> = new Set();
  #happenings = 0;

  /** `settleMs` is the longest time without any event while something must come. */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  happened(): void {
    this.#happenings += 1;
    for (const check of this.#checks) check();
  }

  /**
   * Resolves once it is so; rejects with `what` when it is not so, and nothing at all has happened
   * for so long: much may take its time, as long as it comes.
   */
  async until(what: () => string, isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    let check = () => {};
    const so = new Promise<void>((resolve) => {
      check = () => isSo() && resolve();
    });
    this.#checks.add(check);
    try {
      await this.#whileHappening(so, what);
    } finally {
      this.#checks.delete(check);
    }
  }

  async #whileHappening(so: Promise<void>, what: () => string): Promise<void> {
    const before = this.#happenings;
    try {
      await this.within(so, what);
    } catch (error) {
      if (this.#happenings === before) throw error;
      await this.#whileHappening(so, what);
    }
  }

  /** The promise, or a rejection with `what` when it is not settled in time. */
  async within<T>(promise: Promise<T>, what: () => string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const fail = () => reject(new Error(`not within ${this.#settleMs} ms: ${what()}`));
      // After one more turn: a process that was held up has its messages waiting behind the timer.
      timer = setTimeout(() => setImmediate(fail), this.#settleMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** How the promise is settled; rejects only when it is not settled in time. */
  async settled<T>(promise: Promise<T>, what: () => string): Promise<PromiseSettledResult<T>> {
    const [result] = await this.within(Promise.allSettled([promise]), what);
    return result;
  }

  /** For what must not come, where no later message can prove that it did not. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, this.#settleMs));
  }
}
