import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './packages.ts';

const run = promisify(execFile);
const PACKAGES = ['core', 'ws', 'nats', 'redis', 'amqp'];

/** Another version of this repository, built. */
export interface Worktree {
  readonly root: string;
  /** How it is called in reports: its commit, for refs move. */
  readonly name: string;
  remove(): Promise<void>;
}

/**
 * A folder is taken as it is, and stays.
 *
 * @throws Error when there is no such ref, or it cannot be built.
 */
export async function checkOut(ref: string, log: (text: string) => void): Promise<Worktree> {
  if (isAbsolute(ref)) return { root: ref, name: basename(ref), remove: async () => {} };
  const commit = await git('rev-parse', '--short', '--verify', `${ref}^{commit}`);
  const folder = await mkdtemp(join(tmpdir(), 'swarm-against-'));
  const root = join(folder, 'tree');
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    await git('worktree', 'prune');
  };
  try {
    log(`building ${ref} (${commit}) in ${root}`);
    await git('worktree', 'add', '--detach', root, commit);
    await pnpm(root, 'install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts');
    const houses = PACKAGES.map((name) => `packages/${name}`);
    const built = houses.filter((house) => existsSync(join(root, house)));
    await run(join(root, 'node_modules/.bin/tsc'), ['-b', ...built], { cwd: root });
    return { root, name: commit, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: ROOT })).stdout.trim();
}

/** The one that runs us, or else whichever there is. */
async function pnpm(root: string, ...args: string[]): Promise<void> {
  const { npm_execpath: path = '' } = process.env;
  const isScript = /pnpm[^/]*\.[cm]?js$/.test(path);
  await run(isScript ? process.execPath : 'pnpm', isScript ? [path, ...args] : args, { cwd: root });
}
