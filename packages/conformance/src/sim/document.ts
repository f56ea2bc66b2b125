import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where it is told what the simulator does, and has found. */
export const DOCUMENT: string = fileURLToPath(
  new URL('../../../../docs/simulation.md', import.meta.url),
);

/** Parts of it that are written by a run. */
export type Part = 'planted' | 'coverage';

/** Where a part begins and ends in the text. */
function bounds(text: string, part: Part): readonly [number, number] {
  const [begin, end] = [`<!-- ${part}: written by a run -->\n`, `<!-- end of ${part} -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (!text.includes(begin) || to < from) throw new Error(`no part ${part} in ${DOCUMENT}`);
  return [from, to];
}

/** The lines of a part. */
export function readPart(part: Part): readonly string[] {
  const text = readFileSync(DOCUMENT, 'utf8');
  return text
    .slice(...bounds(text, part))
    .trim()
    .split('\n');
}

export function writePart(part: Part, content: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = bounds(text, part);
  writeFileSync(DOCUMENT, `${text.slice(0, from)}\n${content}\n\n${text.slice(to)}`);
}
