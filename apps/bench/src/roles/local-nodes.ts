import { byPromise, payloadOf, type Role } from '../role.ts';
import { join, NOBODY } from './swarm-nodes.ts';

/** A node asks a node of the same process. */
export const role: Role = {
  ask: async (setup) => {
    const payload = payloadOf(setup);
    const server = await join({ ...setup, variant: 'memory' });
    server.on('echo', (_ctx, text) => text);
    const [one, other] = [await server.createNode(NOBODY), await server.createNode(NOBODY)];
    return byPromise(payload, () => one.send(other.id, 'echo', payload));
  },
};
