import { ours } from '../packages.ts';
import { HOST, onFreePort } from '../port.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';

/** A client and its node, as shipped: limits, deadlines, heartbeats and the default dialect. */
export const role: Role = {
  serve: async ({ root }) => {
    const { createServer } = await ours(root, 'core');
    const { listen } = await ours(root, 'ws');
    const server = await createServer();
    server.client.on('echo', (_ctx, text) => text);
    const { port } = await onFreePort((port) => listen(server, { host: HOST, port }));
    return `ws://${HOST}:${port}`;
  },

  ask: async (setup) => {
    const { connect } = await ours(setup.root, 'ws');
    const payload = payloadOf(setup);
    const client = connect(setup.address);
    await client.ready();
    return byPromise(payload, () => client.send('echo', payload));
  },
};
