import { setImmediate as nextTurn } from 'node:timers/promises';
import { failureOf, shortOf } from '../outcome.ts';
import { type Asking, nowMs, type Outcome } from '../trace.ts';
import type { Ask, Command } from './command.ts';
import type { Journal } from './journal.ts';
import type { Seats } from './seats.ts';
import { abridged, textOf } from './text.ts';

/** Longest time that anything may take on its way back, on whatever machine, in ms. */
const REACH_MS_MAX = 60_000;
/** Time for an answer on the way there, in ms. */
const REACH_TIMEOUT_MS = 1_000;

/** What an actor asks and tells, and how that ends. */
export class Requests {
  readonly #seats: Seats;
  readonly #journal: Journal;
  /** Those that are not settled, by label. */
  readonly #open: Map<string, Open> = new Map();

  constructor(seats: Seats, journal: Journal) {
    this.#seats = seats;
    this.#journal = journal;
  }

  /** Make a request. Settles as it does. */
  ask(ask: Ask): Promise<unknown> {
    const asking = this.#askingOf(ask);
    const { label } = ask;
    const aborter = new AbortController();
    this.#journal.record({ what: 'asked', ...asking, args: abridged(asking.args) });
    const { timeoutMs } = ask;
    const options = { meta: { label }, timeoutMs, signal: aborter.signal };
    const answer = this.#seats.speakerOf(ask).send(asking, options);
    const settled = answer.then(
      (value) => this.#settle(label, { ok: true, value: abridged(value) }),
      (error) => this.#settle(label, failureOf(error)),
    );
    this.#open.set(label, { aborter, settled });
    return answer;
  }

  /** Send an event. */
  tell(ask: Ask): void {
    const asking = this.#askingOf(ask);
    const left = this.#tell(ask, asking);
    this.#journal.record({ what: 'told', left, ...asking, args: abridged(asking.args) });
  }

  /** Send events without a trace, one in every turn, until one does not leave. */
  async flood({ from, to, count, chars }: Command & { readonly do: 'flood' }): Promise<boolean> {
    const speaker = this.#seats.speakerOf({ ...from, kind: 'server' });
    const words = { to, name: 'swallowed', args: [textOf(chars)] };
    for (let sent = 0; sent < count; sent += 1) {
      if (!speaker.emit(words, {})) return false;
      await nextTurn();
    }
    return true;
  }

  cancel(label: string): void {
    this.#open.get(label)?.aborter.abort();
  }

  /** Resolves when nothing is open any more. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) {
      await Promise.all([...this.#open.values()].map(({ settled }) => settled));
    }
  }

  /**
   * Ask without a trace until that ends so: an id that somebody chose is announced again after its
   * process is linked again, a broker learns that a process is gone after that is, and there is no
   * other way to learn when.
   *
   * @throws Error when it ends otherwise for too long.
   */
  async reach({ from, to, until }: Command & { readonly do: 'reach' }): Promise<void> {
    const speaker = this.#seats.speakerOf({ ...from, kind: 'server' });
    const endMs = nowMs() + REACH_MS_MAX;
    for (;;) {
      const words = { to, name: 'echo', args: [null] };
      const ended = await speaker.send(words, { timeoutMs: REACH_TIMEOUT_MS }).then(
        () => 'ok',
        (error) => shortOf(failureOf(error)),
      );
      if (ended === until) return;
      if (nowMs() > endMs) throw new Error(`${to}: ${ended} and never ${until}`);
      await nextTurn();
    }
  }

  #tell(ask: Ask, asking: Asking): boolean | string {
    try {
      return this.#seats.speakerOf(ask).emit(asking, { meta: { label: ask.label } });
    } catch (error) {
      return shortOf(failureOf(error));
    }
  }

  #askingOf({ label, side, client, kind, to, name, args }: Ask): Asking {
    const own = client === null ? null : this.#seats.idOf(client);
    const asked = to ?? own;
    if (asked === null) throw new TypeError(`${label} goes to nobody`);
    const from = side === 'server' ? null : own;
    return { label, side, from, kind, to: asked, name, args };
  }

  #settle(label: string, outcome: Outcome): void {
    this.#open.delete(label);
    this.#journal.record({ what: 'outcome', label, outcome });
  }
}

interface Open {
  readonly aborter: AbortController;
  readonly settled: Promise<void>;
}
