import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { PlantedBug } from './bugs.ts';

/** The folder of `@swarm/core`. */
const CORE: string = fileURLToPath(new URL('../../../../core', import.meta.url));

const TSC: string = join(CORE, '../../node_modules/.bin/tsc');

/** Types are not checked: a planted bug may leave something unused. */
const CONFIG = {
  compilerOptions: {
    ...{ target: 'ES2023', lib: ['ES2023'], types: [], module: 'NodeNext', noCheck: true },
    ...{ moduleDetection: 'force', isolatedModules: true, verbatimModuleSyntax: true },
    ...{ rewriteRelativeImportExtensions: true, skipLibCheck: true },
    ...{ rootDir: 'src', outDir: 'dist' },
  },
  include: ['src'],
};

/**
 * The source with the mistake in it.
 *
 * @throws Error when it cannot be made any more, because the source has changed.
 */
export function mistaken({ name, file, find, replace }: PlantedBug): string {
  const parts = readFileSync(join(CORE, 'src', file), 'utf8').split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(`cannot plant "${name}": found ${parts.length - 1} times in ${file}`);
}

/** A copy of the core that has a bug. */
export interface Infested {
  /** What to import. */
  readonly core: string;
  remove(): void;
}

/**
 * Copy the core, make the mistake, and build the copy.
 *
 * @throws Error when the mistake cannot be made any more.
 */
export function plant(bug: PlantedBug): Infested {
  const folder = mkdtempSync(join(tmpdir(), 'sim-planted-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    cpSync(join(CORE, 'src'), join(folder, 'src'), { recursive: true });
    symlinkSync(join(CORE, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
    writeFileSync(join(folder, 'src', bug.file), mistaken(bug));
    execFileSync(TSC, ['-p', folder], { stdio: 'pipe' });
    return { core: pathToFileURL(join(folder, 'dist/index.js')).href, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
