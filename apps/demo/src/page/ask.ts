import { type Client, SwarmError } from '@swarm/core/client';
import { ANSWER_MS, type Demo } from '../contract.ts';
import { announce, byId, duration } from './dom.ts';
import { showError } from './error-view.ts';
import type { Talk } from './talk.ts';
import { labelOf, type Trace } from './trace.ts';

/** The form that asks another client, through that client's node. */
export class AskForm {
  readonly #client: Client<Demo>;
  readonly #trace: Trace;
  readonly #talk: Talk;
  readonly #label = byId('ask-label', HTMLElement);
  readonly #text = byId('question', HTMLInputElement);
  readonly #button = byId('ask-button', HTMLButtonElement);
  #to: string | null = null;

  constructor(client: Client<Demo>, trace: Trace, talk: Talk) {
    this.#client = client;
    this.#trace = trace;
    this.#talk = talk;
    byId('ask', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#text.value.trim();
      if (this.#to === null || text === '') return this.#text.focus();
      this.#text.value = '';
      void this.#ask(this.#to, text);
    });
  }

  /** Whom to ask from now on; null when the one who was picked is gone. */
  pick(id: string | null): void {
    this.#to = id;
    this.#button.disabled = id === null;
    this.#label.textContent = id === null ? 'Pick a client to ask' : `Question for ${id}`;
  }

  async #ask(to: string, text: string): Promise<void> {
    const aborter = new AbortController();
    const end = this.#talk.asked(to, text, () => aborter.abort());
    const startMs = performance.now();
    const options = { timeoutMs: ANSWER_MS, signal: aborter.signal };
    try {
      const asked = this.#client.with(options).call.ask(to, text);
      const answer = await this.#trace.call(`ask → ${to}`, asked);
      const note = `${to}, ${duration(performance.now() - startMs)}`;
      end({ kind: 'answered', text: answer, note });
      announce(`${to} answered: ${answer}`);
    } catch (error) {
      if (!SwarmError.is(error)) throw error;
      end({ kind: 'failed', text: sentence(error), note: labelOf(error) });
      showError(`ask → ${to}`, error);
    }
  }
}

function sentence(error: SwarmError): string {
  if (error.subtype === 'timeout') return 'Nobody answered in time.';
  if (error.subtype === 'cancelled') return 'You gave up waiting.';
  return error.code === 'NOT_ANSWERED' ? 'The question was not answered.' : error.message;
}
