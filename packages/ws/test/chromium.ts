import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What brings Chromium to a Debian machine. */
export const INSTALL_LINE = 'apt-get update && apt-get install -y --no-install-recommends chromium';

/** What is known of the machine the browser tests run on. */
export interface Machine {
  /** Path of a Chromium that can be run. */
  readonly found: string | null;
  /** Whether `CHROMIUM` names one: then no other will do. */
  readonly isNamed: boolean;
  /** Whether the package of Debian can be installed, and has not been yet. */
  readonly canInstall: boolean;
  /** Whether a missing browser is a failure. */
  readonly isCi: boolean;
}

export type Decision = 'use' | 'install' | 'skip' | 'fail';

/** What to do for the browser tests; a wrong `CHROMIUM` is a mistake, not a missing browser. */
export function decide({ found, isNamed, canInstall, isCi }: Machine): Decision {
  if (found !== null) return 'use';
  if (isNamed) return 'fail';
  if (canInstall) return 'install';
  return isCi ? 'fail' : 'skip';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Looks at `CHROMIUM`, then for `chromium` in PATH. */
export function inspectMachine(env: Environment): Machine {
  const named = env['CHROMIUM'] ?? '';
  const isNamed = named !== '';
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = isNamed ? [named] : folders.map((folder) => join(folder, 'chromium'));
  return {
    found: candidates.find(isProgram) ?? null,
    isNamed,
    canInstall: process.getuid?.() === 0 && isDebian(osRelease()),
    isCi: env['CI'] === 'true',
  };
}

/** By the text of /etc/os-release. Its offspring have other packages under this name. */
export function isDebian(text: string): boolean {
  return /^ID="?debian"?$/m.test(text);
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    // No Linux of this kind.
    return '';
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
