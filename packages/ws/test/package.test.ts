import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CONSUMER = fileURLToPath(new URL('consumer/', import.meta.url));
const MINUTES = 60_000;
const enabled = process.env['CI'] === 'true' || process.env['PACKAGE_TEST'] === '1';

/** What a program says; what it says on failing is in the error. */
async function run(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const running = promisify(execFile)(command, args, { cwd, maxBuffer: 16 * 1_048_576 });
  const { stdout } = await running.catch((error) => {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
  });
  return stdout;
}

describe.skipIf(!enabled)('the packages as published (slow: CI=true or PACKAGE_TEST=1)', () => {
  let folder = '';
  let consumer = '';
  /** Paths of the tarballs, by package. */
  const tarballs: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarm-package-'));
    consumer = join(folder, 'consumer');
    await run(ROOT, 'pnpm', 'exec', 'tsc', '-b', 'packages/core', 'packages/ws');
    for (const name of ['core', 'ws']) {
      const destination = join(folder, name);
      await mkdir(destination);
      await run(join(ROOT, 'packages', name), 'pnpm', 'pack', '--pack-destination', destination);
      const [file = ''] = await readdir(destination);
      tarballs[name] = join(destination, file);
    }
    await install();
  }, 3 * MINUTES);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A project of its own, with nothing of the workspace above it. */
  async function install(): Promise<void> {
    await cp(CONSUMER, join(consumer, 'src'), { recursive: true });
    const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const manifest = {
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: {
        '@swarm/core': `file:${tarballs['core']}`,
        '@swarm/ws': `file:${tarballs['ws']}`,
        zod: '^4.0.0',
      },
      devDependencies: {
        '@types/node': devDependencies['@types/node'],
        'typescript-5': 'npm:typescript@5.9',
        'typescript-7': `npm:typescript@${devDependencies.typescript}`,
      },
      // `@swarm/ws` asks for a version of core that no registry has.
      overrides: { '@swarm/core': '$@swarm/core' },
    };
    await writeFile(join(consumer, 'package.json'), JSON.stringify(manifest, null, 2));
    await run(consumer, 'npm', 'install', '--no-audit', '--no-fund', '--loglevel=error');
  }

  const NODE = { lib: ['ES2023'], module: 'NodeNext', types: ['node'] };
  const PAGE = {
    ...{ lib: ['ES2023', 'DOM'], module: 'ESNext', moduleResolution: 'Bundler', types: [] },
    customConditions: ['browser'],
  };

  /** Compile for a platform, and return the folder of the outputs. */
  async function compile(typescript: string, platform: object, main: string): Promise<string> {
    const outDir = join(consumer, `out-${typescript}-${main}`);
    const options = {
      ...{ ...platform, target: 'ES2023', rootDir: 'src', outDir },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
      ...{ noPropertyAccessFromIndexSignature: true, verbatimModuleSyntax: true },
      ...{ declaration: true, rewriteRelativeImportExtensions: true, skipLibCheck: false },
    };
    const config = { compilerOptions: options, files: [`src/${main}.ts`] };
    await writeFile(join(consumer, `${main}.json`), JSON.stringify(config));
    await run(consumer, 'node', `node_modules/${typescript}/bin/tsc`, '-p', `${main}.json`);
    return outDir;
  }

  it.each(['core', 'ws'])('%s has an output for each source, and nothing else', async (name) => {
    const listed = await run(folder, 'tar', '-tzf', tarballs[name] ?? '');
    const files = listed
      .trim()
      .split('\n')
      .map((path) => path.replace('package/', ''));
    const stems = (prefix: string, suffix: string) =>
      files
        .filter((path) => path.startsWith(prefix) && path.endsWith(suffix))
        .filter((path) => suffix !== '.ts' || !path.endsWith('.d.ts'))
        .map((path) => path.slice(prefix.length, -suffix.length))
        .sort();

    const sources = stems('src/', '.ts');
    expect(sources).toContain('index');
    for (const suffix of ['.js', '.js.map', '.d.ts', '.d.ts.map']) {
      expect(stems('dist/', suffix), suffix).toEqual(sources);
    }
    const rest = files.filter((path) => !/^(src|dist)\//.test(path)).sort();
    expect(rest).toEqual(expect.arrayContaining(['LICENSE', 'package.json']));
  });

  it.each(['core', 'ws'])(
    '%s passes publint and attw',
    async (name) => {
      const tarball = tarballs[name] ?? '';

      await run(ROOT, 'pnpm', 'exec', 'publint', '--strict', tarball);
      await run(ROOT, 'pnpm', 'exec', 'attw', '--profile', 'esm-only', tarball);
    },
    3 * MINUTES,
  );

  it.each(['typescript-5', 'typescript-7'])(
    'compile under strict settings with %s, declarations of libraries checked',
    async (typescript) => {
      const [node, page] = [
        await compile(typescript, NODE, 'main'),
        await compile(typescript, PAGE, 'page'),
      ];

      for (const file of [join(node, 'contract.d.ts'), join(page, 'page-contract.d.ts')]) {
        const declared = await readFile(file, 'utf8');
        expect(declared).toMatch(/DIVIDE_BY_ZERO|FULL/);
        expect(declared).not.toMatch(/\bany\b/);
      }
    },
    3 * MINUTES,
  );

  it.each([null, 22, 24])(
    'run on Node %s (null is the present one)',
    async (version) => {
      const outDir = await compile('typescript-7', NODE, 'main');
      const npx = version === null ? [] : ['npx', '-y', '-p', `node@${version}`];
      const [program = '', ...args] = [...npx, 'node', join(outDir, 'main.js')];

      const said = await run(folder, program, ...args);

      expect(JSON.parse(said)).toEqual({
        node: version ?? Number.parseInt(process.versions.node, 10),
        ...{ sum: 3, order: 'one tea', dividend: 6, heard: true, again: 5 },
      });
    },
    3 * MINUTES,
  );
});
