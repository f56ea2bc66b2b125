import type { Role } from './role.ts';

/** Loaded by the process that plays it, so that no case pays for the libraries of another. */
const ROLES = {
  'amqp-swarm': () => import('./roles/amqp-swarm.ts'),
  'create-nodes': () => import('./roles/create-nodes.ts'),
  'direct-call': () => import('./roles/direct-call.ts'),
  'local-nodes': () => import('./roles/local-nodes.ts'),
  micro: () => import('./roles/micro.ts'),
  moleculer: () => import('./roles/moleculer.ts'),
  'raw-nats': () => import('./roles/raw-nats.ts'),
  'raw-redis': () => import('./roles/raw-redis.ts'),
  'raw-ws': () => import('./roles/raw-ws.ts'),
  'socket-io': () => import('./roles/socket-io.ts'),
  'swarm-nodes': () => import('./roles/swarm-nodes.ts'),
  'swarm-ws': () => import('./roles/swarm-ws.ts'),
} as const satisfies Record<string, () => Promise<{ readonly role: Role }>>;

export type RoleName = keyof typeof ROLES;

export async function loadRole(name: RoleName): Promise<Role> {
  return (await ROLES[name]()).role;
}
