interface Listener {
  readonly call: (...args: readonly unknown[]) => void;
}

/**
 * Lifecycle events, by name. `E` maps each name to the arguments of its listeners.
 *
 * A listener that throws does not keep the others from being told: its error is thrown again
 * from a microtask, where the platform reports it like any other uncaught error.
 */
export class Emitter<E extends { readonly [Name in keyof E]: readonly unknown[] }> {
  readonly #listeners: Map<keyof E, readonly Listener[]> = new Map();

  /** Returns what removes the listener again. */
  on<Name extends keyof E>(name: Name, listener: (...args: E[Name]) => void): () => void {
    // An object of its own for each use, because one function may be used twice.
    const entry: Listener = { call: listener as (...args: readonly unknown[]) => void };
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), entry]);
    return () => {
      const rest = (this.#listeners.get(name) ?? []).filter((other) => other !== entry);
      this.#listeners.set(name, rest);
    };
  }

  emit<Name extends keyof E>(name: Name, ...args: E[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener.call(...args);
      } catch (error) {
        Promise.reject(error);
      }
    }
  }
}
