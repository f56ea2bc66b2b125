import { byId, duration, make } from './dom.ts';
import type { Entry } from './trace.ts';

const ROWS_MAX = 80;

/** The frames of this page, newest first. Outcomes have a colour, and words for who sees none. */
export class FrameLog {
  readonly #list = byId('log', HTMLOListElement);

  add({ kind, name, outcome, label, ms }: Entry): void {
    const time = make('time', 'time', new Date().toLocaleTimeString('en-GB'));
    const what = make('span', 'what', name);
    what.title = name;
    const chip = make('span', 'outcome', label);
    chip.title = label;
    const row = make(
      'li',
      'frame',
      time,
      make('span', 'kind', kind),
      what,
      make('span', 'ms', ms === null ? '' : duration(ms)),
      chip,
    );
    row.dataset['outcome'] = outcome;
    this.#list.prepend(row);
    while (this.#list.children.length > ROWS_MAX) this.#list.lastElementChild?.remove();
  }
}
