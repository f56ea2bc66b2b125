import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it, vi } from 'vitest';

it('prints what its comments say', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});

  await import('../src/hello.ts');

  expect(log.mock.calls).toEqual([[3], ['Tea? Of course.'], [2]]);
});

it('is the example in the README', async () => {
  const root = resolve(import.meta.dirname, '../../..');
  const readme = await readFile(resolve(root, 'README.md'), 'utf8');
  const example = await readFile(resolve(root, 'apps/demo/src/hello.ts'), 'utf8');

  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});
