import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The workspace's boundaries are kept by tools. Each is seen here to fail on a planted violation. */
const ROOT = resolve(import.meta.dirname, '../../..');
const LINTER = join(ROOT, 'node_modules/.bin/biome');
const COMPILER = join(ROOT, 'node_modules/.bin/tsc');
const PACKAGES = ['amqp', 'core', 'conformance', 'nats', 'redis', 'tcp', 'ws'];
const HOUSES = [...PACKAGES.map((name) => `packages/${name}`), 'apps/demo'];

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'swarm-guards-'));
  for (const file of ['biome.json', 'tsconfig.base.json', 'package.json', 'node_modules']) {
    if (file === 'node_modules') await symlink(join(ROOT, file), join(copy, file));
    else await cp(join(ROOT, file), join(copy, file));
  }
  for (const house of HOUSES) {
    for (const part of ['src', 'package.json', 'tsconfig.json']) {
      await cp(join(ROOT, house, part), join(copy, house, part), { recursive: true });
    }
    await symlink(join(ROOT, house, 'node_modules'), join(copy, house, 'node_modules'));
  }
}, 30_000);

afterAll(async () => {
  await rm(copy, { recursive: true });
});

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((done) => {
    execFile(command, args, { cwd: copy }, (error, stdout, stderr) => {
      done(`${stdout}${stderr}exit ${error === null ? 0 : error.code}`);
    });
  });
}

async function planted(path: string, text: string, check: () => Promise<string>): Promise<string> {
  await writeFile(join(copy, path), `${text}\n`);
  try {
    return await check();
  } finally {
    await rm(join(copy, path));
  }
}

const lint = () => run(LINTER, ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '.']);
const compile = (house: string) => () => run(COMPILER, ['-p', house, '--noEmit']);

describe('the linter', () => {
  it('finds nothing where nothing is planted', async () => {
    expect(await lint()).toContain('exit 0');
  }, 30_000);

  it.each([
    ['a clock in the core', 'core/src/x.ts', 'export const x: number = Date.now();', 'Globals'],
    ['a log in the core', 'core/src/x.ts', "console.log('x');", 'Globals'],
    ['a platform module in the core', 'core/src/x.ts', "import 'node:fs';", 'noNodejsModules'],
    ['core importing an adapter', 'core/src/x.ts', "import '@swarm/ws';", 'RestrictedImports'],
    ['a machine with a driver', 'core/src/machine/x.ts', "import '../line.ts';", 'Restricted'],
    ['a machine with a platform', 'core/src/machine/x.ts', "import '../runtime.ts';", 'Restricted'],
    ['an adapter importing another', 'ws/src/x.ts', "import '@swarm/redis';", 'RestrictedImports'],
    ['an adapter importing the kit', 'ws/src/x.ts', "import '@swarm/conformance';", 'Restricted'],
    ['an undeclared dependency', 'ws/src/x.ts', "import 'ioredis';", 'noUndeclaredDependencies'],
  ])(
    'refuses %s',
    async (_what, path, text, rule) => {
      const output = await planted(`packages/${path}`, text, lint);

      expect(output).toContain(rule);
      expect(output).not.toContain('exit 0');
    },
    30_000,
  );

  it('refuses a cycle', async () => {
    const text = "import '../index.ts';\nimport './cycle-b.ts';";
    await writeFile(join(copy, 'packages/core/src/cycle-b.ts'), "import './cycle-a.ts';\n");
    const output = await planted('packages/core/src/cycle-a.ts', text, lint);
    await rm(join(copy, 'packages/core/src/cycle-b.ts'));

    expect(output).toContain('noImportCycles');
  }, 30_000);
});

describe('the compiler', () => {
  it.each([
    [
      'a platform name in the core',
      'packages/core',
      'export const x: unknown = process;',
      'TS2591',
    ],
    ['a timer in the core', 'packages/core', 'setTimeout(() => {}, 1);', 'TS2304'],
    ['a deep import', 'apps/demo', "export { Node } from '@swarm/core/src/node.ts';", 'TS2307'],
    ['an enum', 'packages/ws', 'export enum X { A }', 'TS1294'],
    ['an untyped export', 'packages/ws', 'export const x = [1].map(String);', 'TS9010'],
  ])(
    'refuses %s',
    async (_what, house, text, code) => {
      const output = await planted(`${house}/src/x.ts`, text, compile(house));

      expect(output).toContain(code);
    },
    30_000,
  );
});
