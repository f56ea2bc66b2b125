import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/index.ts';

const PACKAGES = join(dirname(fileURLToPath(import.meta.url)), '../..');
const LINES_MAX = 300;

/** Nothing of a platform, so that a simulator can stand in for all of it. */
const PLATFORM: readonly RegExp[] = [
  /['"]node:/,
  /\bprocess\.env\b/,
  /\bMath\.random\b/,
  /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
  /\b(performance|Date|crypto|Buffer|require|console)\b/,
  /\b(window|document|WebSocket)\b/,
];

interface Source {
  readonly path: string;
  readonly text: string;
}

const sources: readonly Source[] = readdirSync(PACKAGES).flatMap((name) => {
  const src = join(PACKAGES, name, 'src');
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const full = join(src, path);
      return { path: relative(PACKAGES, full), text: readFileSync(full, 'utf8') };
    });
});

/** Code without comments; what stands in texts stays, since an import is one. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

/** Whether a file is where the limits are, not where they are used. */
function isTable(path: string): boolean {
  return path === 'core/src/limits.ts' || path === 'core/src/end-limits.ts';
}

describe('the sources', () => {
  it('are found', () => {
    expect(sources.map(({ path }) => path)).toContain('core/src/machine/peer.ts');
  });

  it.each(sources)(`$path is no longer than ${LINES_MAX} lines`, ({ text }) => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(LINES_MAX);
  });

  it.each(Object.keys(LIMITS))('use the limit %s', (limit) => {
    const users = sources.filter(({ path, text }) => {
      return !isTable(path) && withoutComments(text).includes(limit);
    });

    expect(users).not.toEqual([]);
  });

  const machines = sources.filter(({ path }) => path.startsWith('core/src/machine/'));

  it.each(machines)('$path names nothing of a platform', ({ text }) => {
    const code = withoutComments(text);

    for (const word of PLATFORM) expect(code).not.toMatch(word);
  });
});

describe('the entry for clients', () => {
  it('pulls no server code in, and no schemas', () => {
    const reached = reachedFrom('core/src/client-entry.ts');

    expect(reached).toContain('core/src/machine/peer.ts');
    for (const part of [
      'server',
      'process',
      'node',
      'memory',
      'schema',
      'swarm-frame',
      'address',
      'limits',
    ]) {
      expect(reached).not.toContain(`core/src/${part}.ts`);
    }
    expect(reached).not.toContain('core/src/machine/router.ts');
  });
});

/** Every source that is loaded with this one: types are not. */
function reachedFrom(path: string, reached: Set<string> = new Set()): string[] {
  const text = sources.find((source) => source.path === path)?.text;
  if (text === undefined || reached.has(path)) return [...reached];
  reached.add(path);
  const loaded = /^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm;
  for (const [, target = ''] of withoutComments(text).matchAll(loaded)) {
    reachedFrom(join(dirname(path), target), reached);
  }
  return [...reached];
}

describe('the tests', () => {
  it('reach every limit of the core by name', () => {
    const tests = dirname(fileURLToPath(import.meta.url));
    const names = readdirSync(tests)
      .filter((path) => path.endsWith('.test.ts') && path !== 'tidy.test.ts')
      .flatMap((path) => readFileSync(join(tests, path), 'utf8').match(/it\('\w+Max: /g) ?? []);
    const reached = new Set(names.map((name) => name.slice(4, -2)));
    const core = sources.filter(({ path }) => path.startsWith('core/'));
    const used = Object.keys(LIMITS).filter((limit) => {
      return core.some(({ path, text }) => !isTable(path) && text.includes(limit));
    });

    expect(used.filter((limit) => !reached.has(limit))).toEqual([]);
  });
});
