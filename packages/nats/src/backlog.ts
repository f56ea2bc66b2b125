/** After so many bytes the server is asked how far it is; */
const MEASURED_BYTES = 1_048_576;
/** and this is too far behind. */
const PRESSURE_BYTES = 4_194_304;

/** How far the server is behind, by what it has yet to confirm: libraries tell nothing of it. */
export class Backlog {
  readonly #confirmed: () => Promise<void>;
  readonly #press: (on: boolean) => void;
  #bytes = 0;
  #isMeasuring = false;
  #isPressed = false;

  /** `confirmed` resolves when the server has handled all that was published until it was called. */
  constructor(confirmed: () => Promise<void>, press: (on: boolean) => void) {
    this.#confirmed = confirmed;
    this.#press = press;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MEASURED_BYTES && !this.#isMeasuring) void this.#measure();
    if (this.#bytes > PRESSURE_BYTES) this.#pressed(true);
  }

  async #measure(): Promise<void> {
    this.#isMeasuring = true;
    try {
      while (this.#bytes > MEASURED_BYTES) {
        const bytes = this.#bytes;
        await this.#confirmed();
        this.#bytes -= bytes;
      }
    } catch {
      // The link is over, and with it all pressure.
      return;
    }
    this.#isMeasuring = false;
    this.#pressed(false);
  }

  #pressed(on: boolean): void {
    if (this.#isPressed === on) return;
    this.#isPressed = on;
    this.#press(on);
  }
}
