import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PACKAGES = new URL('../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, PACKAGES), 'utf8');
}

/** Names that a file exports from files beside it, and where from. */
function reExports(entry: string): { readonly name: string; readonly file: string }[] {
  const lists = read(entry).matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/([^']+)';/gm);
  return [...lists].flatMap(([, names = '', file = '']) =>
    names
      .split(',')
      .map((part) => part.trim().split(' as ', 1).join())
      .filter((name) => name !== '')
      .map((name) => ({ name, file: new URL(file, new URL(entry, PACKAGES)).href })),
  );
}

/** Names that a file declares and exports itself. */
function ownExports(entry: string): { readonly name: string; readonly file: string }[] {
  const file = new URL(entry, PACKAGES).href;
  return [
    ...read(entry).matchAll(/^export (?:async )?(?:function|class|const|interface|type) (\w+)/gm),
  ].map(([, name = '']) => ({ name, file }));
}

/** The docstring before the declaration of `name`, or null. Remarks for tools may stand between. */
function docstring(name: string, source: string): string | null {
  const declaration = new RegExp(
    `/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n(?://.*\\n)*export (?:async )?(?:function|class|const|interface|type) ${name}\\b`,
  );
  return (
    declaration
      .exec(source)?.[1]
      ?.replace(/^\s*\*/gm, '')
      .trim() ?? null
  );
}

describe.each([
  'core/src/index.ts',
  'core/src/client-entry.ts',
  'ws/src/index.ts',
  'ws/src/browser.ts',
  'tcp/src/index.ts',
  'conformance/src/index.ts',
  'conformance/src/testing/index.ts',
  'redis/src/index.ts',
  'nats/src/index.ts',
])('%s', (entry) => {
  const exported = [...reExports(entry), ...ownExports(entry)];

  it('is seen to export something', () => {
    expect(exported.length).toBeGreaterThan(1);
  });

  it('exports nothing without a docstring at its declaration', () => {
    const bare = exported
      .filter(({ name, file }) => !docstring(name, readFileSync(new URL(file), 'utf8')))
      .map(({ name, file }) => `${file.replace(PACKAGES.href, '')}: ${name}`);

    expect([...new Set(bare)]).toEqual([]);
  });
});

it('leaves no docstring empty', () => {
  const files = ['core/src/', 'core/src/machine/', 'ws/src/'].flatMap((folder) =>
    readdirSync(new URL(folder, PACKAGES))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => folder + name),
  );

  expect(files.filter((file) => /\/\*\*[\s*]*\*\//.test(read(file)))).toEqual([]);
});
