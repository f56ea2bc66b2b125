import { type Client, SwarmError } from '@swarm/core/client';
import type { Demo, Load, Member } from '../contract.ts';
import { byId, duration, make } from './dom.ts';
import { showError } from './error-view.ts';
import type { People } from './people.ts';
import { labelOf, type Trace } from './trace.ts';

const ANSWERS_MAX = 6;

/** Calls this page's own node, which may have to ask another one. */
export class OwnNode {
  readonly #client: Client<Demo>;
  readonly #trace: Trace;
  readonly #answers = byId('answers', HTMLOListElement);

  constructor(client: Client<Demo>, trace: Trace, people: People) {
    this.#client = client;
    this.#trace = trace;
    byId('sum', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#calculate();
    });
    byId('whoami', HTMLButtonElement).addEventListener('click', () => {
      const show = (me: Member) => me.id;
      void this.#call('whoami', () => this.#client.call.whoami(), show);
    });
    byId('load', HTMLButtonElement).addEventListener('click', () => {
      const id = people.elsewhere?.id ?? 'nobody';
      const show = ({ server, pid, clients }: Load) => `${clients} on ${server} (process ${pid})`;
      void this.#call(`loadOf → ${id}`, () => this.#client.call.loadOf(id), show);
    });
  }

  async #calculate(): Promise<void> {
    const a = byId('sum-a', HTMLInputElement).valueAsNumber;
    const b = byId('sum-b', HTMLInputElement).valueAsNumber;
    const { add, divide } = this.#client.call;
    if (byId('sum-op', HTMLSelectElement).value === 'add') {
      await this.#call(
        `add(${a}, ${b})`,
        () => add(a, b),
        (sum) => `${a} + ${b} = ${round(sum)}`,
      );
    } else {
      const show = (quotient: number) => `${a} ÷ ${b} = ${round(quotient)}`;
      await this.#call(`divide(${a}, ${b})`, () => divide(a, b), show);
    }
  }

  async #call<T>(name: string, call: () => Promise<T>, show: (result: T) => string): Promise<void> {
    const startMs = performance.now();
    try {
      const result = await this.#trace.call(name, call());
      this.#show(show(result), duration(performance.now() - startMs), 'ok');
    } catch (error) {
      if (!SwarmError.is(error)) throw error;
      this.#show(name, labelOf(error), 'error');
      showError(name, error);
    }
  }

  #show(answer: string, note: string, outcome: 'ok' | 'error'): void {
    const text = make('span', 'text', answer);
    text.title = answer;
    const item = make('li', 'answer', text, make('span', 'note', note));
    item.dataset['outcome'] = outcome;
    this.#answers.querySelector('li:not(.answer)')?.remove();
    this.#answers.prepend(item);
    while (this.#answers.children.length > ANSWERS_MAX) this.#answers.lastElementChild?.remove();
  }
}

/** As much of a number as there is room for. */
function round(value: number): string {
  return String(Number(value.toPrecision(6)));
}
