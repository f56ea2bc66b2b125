import type { Place, ServerName } from '../contract.ts';
import { make } from './dom.ts';

/** The sign of a server, in its colour. */
export function badge(name: ServerName, place: Place | null): HTMLElement {
  const element = make('span', 'badge', name);
  element.dataset['server'] = name;
  return mark(element, place);
}

/** Says of a server's sign what is known by now. */
export function mark(element: HTMLElement, place: Place | null): HTMLElement {
  const name = element.textContent;
  const server = place?.servers.find((one) => one.name === name);
  element.title = server === undefined ? `server ${name}` : describe(server);
  element.classList.toggle('gone', server?.pid === null);
  return element;
}

export function describe({ name, pid }: Place['servers'][number]): string {
  return pid === null ? `server ${name}, which does not answer` : `server ${name}, process ${pid}`;
}
