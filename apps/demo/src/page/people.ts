import type { Client } from '@swarm/core/client';
import type { Demo, Member, Place } from '../contract.ts';
import { badge, mark } from './badge.ts';
import { byId, make } from './dom.ts';
import type { Trace } from './trace.ts';

/** How long a row shows what its client just did, in ms. */
const RECENT_MS = 3_000;
/** More rows than a page can show; the count goes on. */
const ROWS_MAX = 100;

interface Row {
  readonly member: Member;
  readonly element: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly recent: HTMLElement;
  readonly badge: HTMLElement;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export interface PeopleOptions {
  readonly me: string;
  /** Null when the one who was picked has left. */
  readonly onPick: (id: string | null) => void;
}

/** The list of who is connected, in which one can be picked. */
export class People {
  readonly #rows: Map<string, Row> = new Map();
  readonly #list = byId('people', HTMLUListElement);
  readonly #count = byId('people-count', HTMLUListElement);
  readonly #me: string;
  readonly #onPick: (id: string | null) => void;
  #picked: string | null = null;
  #place: Place | null = null;

  constructor(client: Client<Demo>, trace: Trace, { me, onPick }: PeopleOptions) {
    this.#me = me;
    this.#onPick = onPick;
    client.on('joined', (_ctx, member) => {
      this.#add(member);
      this.note(member.id, 'joined');
    });
    client.on('left', (_ctx, { id }) => this.#remove(id));
    client.on('place', (_ctx, place) => this.#locate(place));
    client.on('asked', (_ctx, from, to) => this.note(from, `asks ${to}`));
    client.events.on('open', () => {
      trace.call('roster()', client.call.roster()).then(
        // Whoever joined before this was answered is in it; later ones are told of later.
        (members) => this.#replace(members),
        // It fails with its connection, and the next one asks again.
        () => undefined,
      );
    });
  }

  /** Somebody on another server than ours, if there is anybody. */
  get elsewhere(): Member | undefined {
    return [...this.#rows.values()].find(({ member }) => !this.#isNear(member))?.member;
  }

  /** Show for a moment what a client does. */
  note(id: string, text: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    clearTimeout(row.timer);
    row.recent.textContent = text;
    row.element.classList.add('active');
    row.timer = setTimeout(() => {
      row.recent.textContent = '';
      row.element.classList.remove('active');
    }, RECENT_MS);
  }

  #replace(members: readonly Member[]): void {
    const present = new Set(members.map(({ id }) => id));
    for (const id of [...this.#rows.keys()]) if (!present.has(id)) this.#remove(id);
    for (const member of members) this.#add(member);
    if (this.#picked !== null) return;
    // Somebody on the other server, so that the first question crosses.
    const { elsewhere } = this;
    if (elsewhere !== undefined) this.#pick(elsewhere.id);
  }

  #locate(place: Place): void {
    this.#place = place;
    for (const row of this.#rows.values()) this.#showPlace(row);
    this.#tell();
  }

  /** Whoever is far is out of reach while the swarm is. */
  #showPlace({ member, element, badge }: Row): void {
    element.classList.toggle('far', !this.#isNear(member));
    mark(badge, this.#place);
  }

  #isNear({ server }: Member): boolean {
    return server === this.#place?.server;
  }

  #add(member: Member): void {
    const known = this.#rows.get(member.id);
    if (known?.member.server === member.server) return;
    if (known !== undefined) this.#drop(known);
    if (this.#rows.size >= ROWS_MAX) return;
    const row = this.#row(member);
    this.#rows.set(member.id, row);
    // In order, so that rows do not jump about.
    const after = [...this.#rows.values()]
      .filter((other) => this.#order(other.member) > this.#order(member))
      .sort((one, other) => (this.#order(one.member) < this.#order(other.member) ? -1 : 1));
    this.#list.insertBefore(row.element, after[0]?.element ?? null);
    this.#tell();
  }

  #row(member: Member): Row {
    const isMe = member.id === this.#me;
    const name = make('span', 'name', member.id);
    name.title = member.id;
    const recent = make('span', 'recent');
    const sign = badge(member.server, this.#place);
    const role = make('span', 'role', isMe ? 'you' : member.isSimulated ? '' : 'visitor');
    const button = make('button', 'person', make('span', 'dot'), name, role, recent, sign);
    button.type = 'button';
    button.disabled = isMe;
    button.ariaLabel = isMe
      ? `${member.id}, that is you, on server ${member.server}`
      : `Ask ${member.id} on server ${member.server}`;
    button.addEventListener('click', () => {
      this.#pick(member.id);
      byId('question', HTMLInputElement).focus();
    });
    const element = make('li', '', button);
    const row = { member, element, button, recent, badge: sign, timer: undefined };
    this.#showPlace(row);
    return row;
  }

  #remove(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#drop(row);
    this.#tell();
    if (this.#picked === id) this.#pick(null);
  }

  #drop(row: Row): void {
    clearTimeout(row.timer);
    row.element.remove();
    this.#rows.delete(row.member.id);
  }

  #pick(id: string | null): void {
    this.#picked = id;
    for (const { member, button } of this.#rows.values()) {
      button.ariaPressed = String(member.id === id);
    }
    this.#onPick(id);
  }

  /** Ourselves first, then people, then simulated clients. */
  #order({ id, isSimulated }: Member): string {
    return `${id === this.#me ? 0 : isSimulated ? 2 : 1} ${id}`;
  }

  #tell(): void {
    const members = [...this.#rows.values()].map(({ member }) => member);
    const counts = (this.#place?.servers ?? []).map(({ name }) => {
      const count = members.filter(({ server }) => server === name).length;
      return make('li', '', badge(name, this.#place), `${count}`);
    });
    this.#count.replaceChildren(...counts);
  }
}
