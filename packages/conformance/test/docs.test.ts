import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

const GUIDE = read('../../../docs/write-an-adapter.md');
const LINES_MAX = 70;

it('the guide for adapters shows the example that is tested, and its test', () => {
  const example = read('../src/example/broadcast.ts');
  const test = read('broadcast.test.ts')
    .replace("'../src/example/broadcast.ts'", "'./broadcast.ts'")
    .replace("'../src/index.ts'", "'@swarm/conformance'");

  for (const code of [example, test]) expect(GUIDE).toContain(`\`\`\`ts\n${code}\`\`\``);
  expect(example.split('\n').length - 1).toBeLessThanOrEqual(LINES_MAX);
});
