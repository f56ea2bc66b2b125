import type { Role } from './role.ts';

/** Loaded by the process that plays it, so that no case pays for the libraries of another. */
const ROLES = {
  'amqp-swarm': () => import('./roles/amqp-swarm.ts'),
  'amqp-swarm-nodes': () => import('./roles/amqp-swarm-nodes.ts'),
  'amqp-swarm-remote': () => import('./roles/amqp-swarm-remote.ts'),
  'create-nodes': () => import('./roles/create-nodes.ts'),
  'direct-call': () => import('./roles/direct-call.ts'),
  'local-nodes': () => import('./roles/local-nodes.ts'),
  micro: () => import('./roles/micro.ts'),
  moleculer: () => import('./roles/moleculer.ts'),
  nest: () => import('./roles/nest.ts'),
  'raw-amqp': () => import('./roles/raw-amqp.ts'),
  'raw-nats': () => import('./roles/raw-nats.ts'),
  'raw-redis': () => import('./roles/raw-redis.ts'),
  'raw-remote': () => import('./roles/raw-remote.ts'),
  'raw-ws': () => import('./roles/raw-ws.ts'),
  'socket-io': () => import('./roles/socket-io.ts'),
  'socket-io-remote': () => import('./roles/socket-io-remote.ts'),
  'swarm-crowd': () => import('./roles/swarm-crowd.ts'),
  'swarm-nodes': () => import('./roles/swarm-nodes.ts'),
  'swarm-remote': () => import('./roles/swarm-remote.ts'),
  'swarm-ws': () => import('./roles/swarm-ws.ts'),
} as const satisfies Record<string, () => Promise<{ readonly role: Role }>>;

export type RoleName = keyof typeof ROLES;

export async function loadRole(name: RoleName): Promise<Role> {
  return (await ROLES[name]()).role;
}
