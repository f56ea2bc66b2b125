import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { wanted } from './peers.ts';
import type { Environment } from './report.ts';

const LIBRARIES = ['ws', 'ioredis', '@nats-io/transport-node', 'amqplib'];

/** Where it was measured, and what. */
export function environment(): Environment {
  const all = cpus();
  const own = LIBRARIES.map((name) => [name, versionOf(name)] as const);
  // Peers may bring other versions of what is ours too.
  const peers = Object.entries(wanted()).map(([name, version]) => [`peers/${name}`, version]);
  const versions = Object.fromEntries([...own, ...peers]);
  return { node: process.version, cpus: all.length, cpu: all[0]?.model ?? '', versions };
}

/** Of a package this one depends on, whatever its `exports` hide. */
function versionOf(name: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  const folder = main.slice(0, main.lastIndexOf(join('node_modules', name)));
  const path = join(folder, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
}
