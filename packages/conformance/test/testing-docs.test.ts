import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

const GUIDE = read('../../../docs/testing.md');
const TESTS = read('testing-guide.test.ts');

const blocks = [...GUIDE.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code.trim());
const titles = (code: string) => [...code.matchAll(/^it\('(.+)'/gm)].map(([, title]) => title);

describe('docs/testing.md', () => {
  it.each(blocks)('shows code that is tested: %s', (code) => {
    expect(TESTS).toContain(code);
  });

  it('shows all tests there are, in their order', () => {
    expect(titles(blocks.join('\n'))).toEqual(titles(TESTS));
    expect(titles(TESTS).length).toBeGreaterThan(5);
  });
});

it('needs no test runner', () => {
  const folder = new URL('../src/testing/', import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const imports = sources.flatMap((text) => [...text.matchAll(/from '([^']+)'/g)]);
  const packages = imports.map(([, name = '']) => name).filter((name) => !name.startsWith('./'));

  expect([...new Set(packages)]).toEqual(['@swarm/core']);
});
