import type { Entry } from './trace.ts';

/** An id that was made by chance, and carries its process. */
const GENERATED = /\b[a-z2-7]{16}-[a-z2-7]{26}\b/g;

/** Whether an id tells where its node is, because nobody chose it. */
export function isGenerated(id: string): boolean {
  return generated(id).includes(id);
}

/**
 * Renames the ids in a text that were made by chance: by the actor whose process made them, and
 * the order in which that had them; ids of nobody by the order in which somebody asked for them.
 * Both orders are those of single actors, taken by name, so that no race decides.
 */
export function renamerOf(entries: readonly Entry[]): (text: string) => string {
  const byActor = [...entries].sort((a, b) => compare(a.actor, b.actor));
  const processes = new Map<string, string>();
  const names = new Map<string, string>();
  const add = (id: string, process: string) => {
    if (names.has(id)) return;
    const [key = ''] = id.split('-', 1);
    if (!processes.has(key)) processes.set(key, process);
    names.set(id, `${processes.get(key)}:${names.size + 1}`);
  };
  for (const entry of byActor) {
    if (entry.what === 'joined') for (const id of generated(entry.node)) add(id, entry.actor);
  }
  for (const entry of byActor) {
    if (entry.what === 'asked' || entry.what === 'told') {
      for (const id of generated(entry.to)) add(id, `nobody-${processes.size}`);
    }
  }
  return (text) => text.replace(GENERATED, (id) => names.get(id) ?? id);
}

function generated(text: string): readonly string[] {
  return text.match(GENERATED) ?? [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
