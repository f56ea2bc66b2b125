import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BrokerKind } from '@swarm/conformance/brokers';

/** Folder of this workspace. */
export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url));
export const PEERS: string = fileURLToPath(new URL('../peers', import.meta.url));

/** Our packages, and what they are known as to the compiler. */
interface Packages {
  readonly amqp: typeof import('@swarm/amqp');
  readonly core: typeof import('@swarm/core');
  readonly nats: typeof import('@swarm/nats');
  readonly redis: typeof import('@swarm/redis');
  readonly ws: typeof import('@swarm/ws');
}

/** A package as it is built below `root`, which may be another version of this workspace. */
export async function ours<N extends keyof Packages>(root: string, name: N): Promise<Packages[N]> {
  return await load(root, pathOf(name));
}

/** The maker of swarms on such a broker. */
export async function adapterOf(root: string, kind: BrokerKind) {
  switch (kind) {
    case 'nats':
      return (await ours(root, 'nats')).nats;
    case 'redis':
      return (await ours(root, 'redis')).redis;
    case 'rabbitmq':
      return (await ours(root, 'amqp')).amqp;
  }
}

/** Whether there is one in that version. */
export function hasAdapter(root: string, kind: BrokerKind): boolean {
  return existsSync(join(root, pathOf(kind === 'rabbitmq' ? 'amqp' : kind)));
}

/** A module of a package that its users cannot reach. */
export async function load<T>(root: string, path: string): Promise<T> {
  return (await import(pathToFileURL(join(root, path)).href)) as T;
}

/** What is installed outside the workspace, for comparison; see `peers.ts`. */
export function peer<T>(name: string): T {
  return createRequire(join(PEERS, 'package.json'))(name) as T;
}

function pathOf(name: keyof Packages): string {
  return `packages/${name}/dist/index.js`;
}
