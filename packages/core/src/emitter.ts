/**
 * Lifecycle events, by name. `E` maps each name to the arguments of its listeners.
 *
 * A listener that throws does not keep the others from being told: its error is thrown again
 * from a microtask, where the platform reports it like any other uncaught error.
 */
export class Emitter<E extends { readonly [Name in keyof E]: readonly unknown[] }> {
  readonly #listeners: Map<keyof E, readonly ((...args: never) => void)[]> = new Map();

  /** Returns what removes the listener again. */
  on<Name extends keyof E>(name: Name, listener: (...args: E[Name]) => void): () => void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return () => {
      const rest = (this.#listeners.get(name) ?? []).filter((known) => known !== listener);
      this.#listeners.set(name, rest);
    };
  }

  emit<Name extends keyof E>(name: Name, ...args: E[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (...args: E[Name]) => void)(...args);
      } catch (error) {
        Promise.reject(error);
      }
    }
  }
}
