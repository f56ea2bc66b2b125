import { ours } from '../packages.ts';
import { HOST, onFreePort } from '../port.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';
import { join, NOBODY } from './swarm-nodes.ts';

/** A node asks the client of another process, through the node of that client, as shipped. */
export const role: Role = {
  serve: async (setup) => {
    const server = await join(setup);
    const { listen } = await ours(setup.root, 'ws');
    server.client.on('whoami', ({ node }) => node.id);
    const { port } = await onFreePort((port) => listen(server, { host: HOST, port }));
    return `ws://${HOST}:${port}`;
  },

  attach: async ({ root, address }) => {
    const { connect } = await ours(root, 'ws');
    const client = connect(address);
    client.on('echo', (_ctx, text) => text);
    return (await client.send('whoami')) as string;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const server = await join(setup);
    const node = await server.createNode(NOBODY);
    return byPromise(payload, () => node.remoteClient.send(setup.address, 'echo', payload));
  },
};
