/** After so many bytes RabbitMQ is asked how far it is; */
const MEASURED_BYTES = 1_048_576;
/** and this is too far behind. */
const PRESSURE_BYTES = 4_194_304;

/**
 * Whether RabbitMQ takes what is published: it says that it does not when it is short of memory or
 * disk, and otherwise reads more slowly, of which the library tells nothing in bytes.
 */
export class Pressure {
  readonly #confirmed: () => Promise<unknown>;
  readonly #press: (on: boolean) => void;
  #bytes = 0;
  #isMeasuring = false;
  #isBehind = false;
  #isBlocked = false;
  #isPressed = false;

  /** `confirmed` resolves when the broker has handled all that was published until it was called. */
  constructor(confirmed: () => Promise<unknown>, press: (on: boolean) => void) {
    this.#confirmed = confirmed;
    this.#press = press;
  }

  published(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= MEASURED_BYTES) return;
    if (!this.#isMeasuring) void this.#measure();
    if (this.#bytes <= PRESSURE_BYTES) return;
    this.#isBehind = true;
    this.#tell();
  }

  blocked(on: boolean): void {
    this.#isBlocked = on;
    this.#tell();
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
    this.#isBehind = false;
    this.#tell();
  }

  #tell(): void {
    const isPressed = this.#isBehind || this.#isBlocked;
    if (isPressed === this.#isPressed) return;
    this.#isPressed = isPressed;
    this.#press(isPressed);
  }
}
