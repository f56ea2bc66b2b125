import { execFile } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
const LOCK = join(tmpdir(), 'prf-build.lock');
/** Whoever has held the lock for so long is gone. */
const STALE_MS = 120_000;

/**
 * Compiles what forked actors run; little work when it is done already. Files of tests that run
 * at the same time take turns, so that none starts a program which another one is writing.
 */
export async function build(): Promise<void> {
  while (!(await isTaken())) await sleep(50);
  try {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    await promisify(execFile)(tsc, ['-b', 'apps/proof'], { cwd: ROOT });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error));
  } finally {
    await rm(LOCK, { recursive: true, force: true });
  }
}

async function isTaken(): Promise<boolean> {
  try {
    await mkdir(LOCK);
    return true;
  } catch {
    const since = await stat(LOCK).catch(() => null);
    if (since !== null && Date.now() - since.mtimeMs > STALE_MS) {
      await rm(LOCK, { recursive: true, force: true });
    }
    return false;
  }
}
