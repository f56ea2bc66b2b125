/** Counts what was expected, and says what came otherwise. */
export class Expectations {
  #met = 0;
  #failed = 0;

  get count(): number {
    return this.#met + this.#failed;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Whether `answer` resolves to `right`, as JSON says both; a rejection is never right. */
  async equal(answer: Promise<unknown>, right: unknown): Promise<boolean> {
    const given = await answer.catch((error: unknown) => error);
    const isRight = !(given instanceof Error) && JSON.stringify(given) === JSON.stringify(right);
    if (isRight) {
      this.#met += 1;
      return true;
    }
    this.#failed += 1;
    console.error(`expected ${JSON.stringify(right)}, got`, given);
    return false;
  }
}
