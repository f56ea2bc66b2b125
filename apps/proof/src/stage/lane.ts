import { nowMs } from '../trace.ts';

interface Parcel {
  readonly arrive: () => void;
  readonly lose: () => void;
  readonly takenMs: number;
}

/** One direction of a wire. What it is given arrives in this order: at once, or later. */
export class Lane {
  readonly #parcels: Parcel[] = [];
  #isBlocked = false;
  #delayMs = 0;
  #timer: NodeJS.Timeout | undefined;

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  take(arrive: () => void, lose: () => void = () => {}): void {
    this.#parcels.push({ arrive, lose, takenMs: nowMs() });
    this.#move();
  }

  /** Resolves when something sent now has arrived; rejects when it is lost. */
  passage(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.take(resolve, () => reject(new Error('connection reset')));
    });
  }

  block(): void {
    this.#isBlocked = true;
    clearTimeout(this.#timer);
  }

  /** Everything takes so long, what is on its way included. */
  delay(ms: number): void {
    this.#delayMs = ms;
    this.#move();
  }

  /** What is on its way is lost. */
  cut(): void {
    for (const { lose } of this.#parcels.splice(0)) lose();
  }

  pass(): void {
    this.#isBlocked = false;
    this.delay(0);
  }

  #move(): void {
    clearTimeout(this.#timer);
    while (!this.#isBlocked) {
      const [next] = this.#parcels;
      if (next === undefined) return;
      const restMs = next.takenMs + this.#delayMs - nowMs();
      if (this.#delayMs > 0 && restMs > 0) {
        this.#timer = setTimeout(() => this.#move(), restMs);
        return;
      }
      this.#parcels.shift();
      next.arrive();
    }
  }
}
