import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PEERS } from './packages.ts';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Install what the benchmarks compare with, in the versions of its own lockfile, if it is not
 * there. It is no part of the workspace, which nobody should have to install to work on it.
 */
export async function installPeers(log: (text: string) => void): Promise<void> {
  const isThere = Object.entries(wanted()).every(([name, version]) => installed(name) === version);
  if (isThere) return;
  log(`installing peers into ${PEERS}`);
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS });
}

/** Exact versions by name. */
export function wanted(): Readonly<Record<string, string>> {
  return manifest(join(PEERS, 'package.json')).dependencies;
}

function installed(name: string): string | null {
  const path = join(PEERS, 'node_modules', name, 'package.json');
  return existsSync(path) ? manifest(path).version : null;
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
