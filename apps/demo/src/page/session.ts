/** Who this page is: for as long as its tab lives. */
const KEY = 'swarm-demo-name';
/** A server that served the page is seldom gone, and not for long. */
const RETRY_MS = 1_000;
const MANNERS = ['brisk', 'calm', 'clever', 'gentle', 'keen', 'merry', 'quiet', 'sunny', 'swift'];
const ANIMALS = ['badger', 'finch', 'heron', 'lynx', 'marten', 'otter', 'robin', 'seal', 'wren'];

export function openSession(): string {
  return sessionStorage.getItem(KEY) ?? newSession();
}

export function newSession(): string {
  const number = 10 + Math.floor(Math.random() * 90);
  const name = `${oneOf(MANNERS)}-${oneOf(ANIMALS)}-${number}`;
  sessionStorage.setItem(KEY, name);
  return name;
}

/** Where to connect: one of the paths that the page's own server tells, as soon as it does. */
export async function choosePath(): Promise<string> {
  for (;;) {
    try {
      const response = await fetch('/config.json');
      const { paths }: { readonly paths: readonly string[] } = await response.json();
      return `/${oneOf(paths)}`;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function oneOf(list: readonly string[]): string {
  return list[Math.floor(Math.random() * list.length)] ?? '';
}
