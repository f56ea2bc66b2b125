import { button, byId, make } from './dom.ts';

/** Exchanges that are kept on the page. */
const EXCHANGES_MAX = 20;

/** How an exchange ended: who said what, or why nobody did. */
export interface Ending {
  readonly kind: 'answered' | 'failed';
  readonly text: string;
  readonly note: string;
}

/** Questions and their answers, newest first. */
export class Talk {
  readonly #list = byId('talk', HTMLOListElement);

  /** Our question, which waits for what is returned to be called; `cancel` gives it up. */
  asked(to: string, text: string, cancel: () => void): (ending: Ending) => void {
    const waiting = make('p', 'reply waiting', 'Waiting for an answer…');
    waiting.append(button('Cancel', 'small', cancel));
    this.#add('You', to, text, waiting);
    return (ending) => waiting.replaceWith(replyOf(ending));
  }

  /** Another's question, which is over. */
  wasAsked(from: string, text: string, ending: Ending): void {
    this.#add(from, 'you', text, replyOf(ending));
  }

  #add(from: string, to: string, text: string, reply: HTMLElement): void {
    const route = make('p', 'route', make('b', '', from), ' asked ', make('b', '', to));
    this.#list.querySelector('.empty')?.remove();
    this.#list.prepend(make('li', 'exchange', route, make('p', 'asked', text), reply));
    this.#list.scrollTop = 0;
    while (this.#list.children.length > EXCHANGES_MAX) this.#list.lastElementChild?.remove();
  }
}

function replyOf({ kind, text, note }: Ending): HTMLElement {
  return make('p', `reply ${kind}`, `${text} `, make('span', 'note', note));
}
