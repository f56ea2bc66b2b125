import { type Client, SwarmError } from '@swarm/core/client';
import { ANSWER_MS, type Demo } from '../contract.ts';
import { announce, byId } from './dom.ts';
import type { Ending, Talk } from './talk.ts';

/** The page answers by itself this long before the asker's patience ends, in ms. */
const RESERVE_MS = 4_000;
const DEFAULT_ANSWER = 'I am away from my desk, but my page says hello.';
const QUEUE_MAX = 8;

interface Question {
  readonly from: string;
  readonly text: string;
  readonly untilMs: number;
  readonly signal: AbortSignal;
  readonly answer: (text: string) => void;
  readonly ignore: () => void;
}

/** Shows the questions that are put to this page, one at a time, and answers them. */
export class Incoming {
  readonly #talk: Talk;
  readonly #card = byId('incoming', HTMLElement);
  readonly #text = byId('answer-text', HTMLInputElement);
  readonly #note = byId('incoming-note', HTMLElement);
  #queue: readonly Question[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(client: Client<Demo>, talk: Talk) {
    this.#talk = talk;
    client.on('question', (ctx, text, from = 'somebody') => this.#ask(ctx.signal, text, from));
    byId('answer', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#queue[0]?.answer(this.#text.value.trim() || DEFAULT_ANSWER);
    });
    byId('ignore', HTMLButtonElement).addEventListener('click', () => this.#queue[0]?.ignore());
  }

  #ask(signal: AbortSignal, text: string, from: string): Promise<string> {
    if (this.#queue.length >= QUEUE_MAX) throw new SwarmError('too many questions at once');
    return new Promise((resolve) => {
      const untilMs = performance.now() + ANSWER_MS - RESERVE_MS;
      const end = (kind: Ending['kind'], reply: string, note: string) => {
        this.#remove(question);
        this.#talk.wasAsked(from, text, { kind, text: reply, note });
      };
      const question: Question = {
        ...{ from, text, untilMs, signal },
        answer: (answer) => {
          end('answered', answer, 'you');
          resolve(answer);
        },
        // Never answered: the one who asks sees a timeout.
        ignore: () => end('failed', 'You left it unanswered.', 'ignored'),
      };
      signal.addEventListener('abort', () => {
        if (this.#queue.includes(question)) end('failed', `${from} gave up waiting.`, 'cancelled');
      });
      this.#queue = [...this.#queue, question];
      announce(`${from} asks you: ${text}`);
      if (this.#queue.length === 1) this.#show();
    });
  }

  #remove(question: Question): void {
    const isShown = this.#queue[0] === question;
    this.#queue = this.#queue.filter((other) => other !== question);
    if (isShown) this.#show();
  }

  #show(): void {
    const question = this.#queue[0];
    const hadFocus = this.#card.contains(document.activeElement);
    clearInterval(this.#timer);
    this.#card.hidden = question === undefined;
    this.#text.value = '';
    if (question === undefined) {
      // The focus must not get lost with the card.
      if (hadFocus) byId('question', HTMLInputElement).focus();
      return;
    }
    byId('incoming-from', HTMLElement).textContent = `${question.from} asks you`;
    byId('incoming-text', HTMLElement).textContent = question.text;
    this.#timer = setInterval(() => this.#tick(question), 250);
    this.#tick(question);
  }

  /** Count down, and answer for whoever is away. */
  #tick(question: Question): void {
    const leftMs = question.untilMs - performance.now();
    if (leftMs <= 0) return question.answer(this.#text.value.trim() || DEFAULT_ANSWER);
    const share = leftMs / (ANSWER_MS - RESERVE_MS);
    byId('incoming-bar', HTMLElement).style.transform = `scaleX(${share})`;
    const more = this.#queue.length - 1;
    const waiting = more === 0 ? '' : ` ${more} more waiting.`;
    const seconds = Math.ceil(leftMs / 1_000);
    this.#note.textContent = `Your page answers for you in ${seconds} s.${waiting}`;
  }
}
