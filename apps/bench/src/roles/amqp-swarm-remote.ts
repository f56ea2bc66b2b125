import { onceReady, payloadOf, type Role } from '../role.ts';
import { clientOf, createNode, listen } from './amqp-swarm.ts';

/** A node of the seed asks the client of another process. */
export const role: Role = {
  serve: (setup) => listen(setup),

  attach: async (setup) => {
    clientOf(setup).on('echo', (_ctx, text) => text);
    return setup.scope;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const node = await createNode(setup, '');
    return await onceReady(payload, () => node.remoteClient.send(setup.address, 'echo', payload));
  },
};
