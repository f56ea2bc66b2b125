import type { Node } from '@swarm/core';
import { byPromise, payloadOf, type Role } from '../role.ts';
import { join, NOBODY } from './swarm-nodes.ts';

/** Of this process, between its serving and its asking. */
let own: Node | null = null;

/** A node asks the nodes of the other processes, another one each time, and answers them. */
export const role: Role = {
  serve: async (setup) => {
    const server = await join(setup);
    server.on('echo', (_ctx, text) => text);
    own = await server.createNode(NOBODY);
    return own.id;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const others = setup.address.split(' ');
    const node = own;
    if (node === null) throw new TypeError('it has to serve first');
    const anyone = () => others[Math.floor(Math.random() * others.length)] ?? '';
    return byPromise(payload, () => node.send(anyone(), 'echo', payload));
  },
};
