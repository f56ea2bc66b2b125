import { onceReady, payloadOf, type Role } from '../role.ts';
import { createNode } from './amqp-swarm.ts';

/** A node of the seed asks a node in another process. */
export const role: Role = {
  serve: async (setup) => {
    const node = await createNode(setup, setup.scope);
    node.on('echo', (_ctx, text) => text);
    return setup.scope;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const node = await createNode(setup, '');
    return await onceReady(payload, () => node.send(setup.address, 'echo', payload));
  },
};
