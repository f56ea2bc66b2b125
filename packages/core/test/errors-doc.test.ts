import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_SUBTYPES } from '../src/index.ts';

const ROOT = new URL('../../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** The documents that people read, by path from the root. */
const DOCUMENTS = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'],
  ...readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md') && existsSync(new URL(path, ROOT)));

describe('docs/errors.md', () => {
  const sections = read('docs/errors.md')
    .split(/^### /m)
    .slice(1)
    .map((text) => text.split(/^## /m, 1).join());

  it('explains every subtype, in the order of the source', () => {
    const subtypes = sections.map((text) => /^`(\w+)`\n/.exec(text)?.[1]);

    expect(subtypes).toEqual([...ERROR_SUBTYPES]);
  });

  it.each(ERROR_SUBTYPES)('says of `%s` what `delivered` can be, and the cure', (subtype) => {
    const section = sections.find((text) => text.startsWith(`\`${subtype}\``));

    expect(section).toMatch(/^[*-] `delivered`: `(no|unknown|yes)`/m);
    expect(section).toMatch(/^[*-] Cure: /m);
  });
});

describe.each(DOCUMENTS)('%s', (path) => {
  const text = read(path).replace(/^```.*?^```/gms, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);

  it('links to files that exist', () => {
    const broken = links
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => target.split('#', 1).join())
      .filter((target) => target !== '' && !existsSync(new URL(target, new URL(path, ROOT))));

    expect(broken).toEqual([]);
  });

  it('links to headings that exist', () => {
    const headings = (document: string) =>
      [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    const broken = links.filter((target) => {
      const [file = '', anchor] = target.split('#');
      if (anchor === undefined || /^[a-z]+:/.test(target)) return false;
      const url = new URL(file === '' ? path : file, file === '' ? ROOT : new URL(path, ROOT));
      return existsSync(url) && !headings(readFileSync(url, 'utf8')).includes(anchor);
    });

    expect(broken).toEqual([]);
  });
});
