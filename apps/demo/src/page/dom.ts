/** The element of this id and class; the page is broken without it. */
export function byId<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new TypeError(`the page has no such element: #${id}`);
  return element;
}

/** An element of `name` with this class and these children. Texts are texts: nothing is markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

export function button(label: string, className: string, press: () => void): HTMLButtonElement {
  const element = make('button', className, label);
  element.type = 'button';
  element.addEventListener('click', press);
  return element;
}

/** Tell those who do not see the page what needs their attention. */
export function announce(text: string): void {
  byId('announcer', HTMLElement).textContent = text;
}

/** A duration as people read it. */
export function duration(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
