import type { ServerName } from '../contract.ts';

/** Who this page is, and which server it connects to: for as long as its tab lives. */
export interface Session {
  readonly name: string;
  readonly server: ServerName;
}

const KEY = 'swarm-demo';
const MANNERS = ['brisk', 'calm', 'clever', 'gentle', 'keen', 'merry', 'quiet', 'sunny', 'swift'];
const ANIMALS = ['badger', 'finch', 'heron', 'lynx', 'marten', 'otter', 'robin', 'seal', 'wren'];

export function openSession(): Session {
  const [name, server] = sessionStorage.getItem(KEY)?.split('@') ?? [];
  if (name !== undefined && (server === 'a' || server === 'b')) return { name, server };
  return newSession();
}

export function newSession(): Session {
  const number = 10 + Math.floor(Math.random() * 90);
  const name = `${oneOf(MANNERS)}-${oneOf(ANIMALS)}-${number}`;
  const server = Math.random() < 0.5 ? 'a' : 'b';
  sessionStorage.setItem(KEY, `${name}@${server}`);
  return { name, server };
}

function oneOf(list: readonly string[]): string {
  return list[Math.floor(Math.random() * list.length)] ?? '';
}
