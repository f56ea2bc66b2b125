import type { BrokerKind } from '@swarm/conformance/brokers';
import type { Server, Socket } from '@swarm/core';
import { adapterOf, ours } from '../packages.ts';
import type { Setup } from '../protocol.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';

/** A client that neither says nor hears anything: here it is all about its node. */
export const NOBODY: Socket = { attach: () => {}, send: () => {}, close: () => {} };

/**
 * A node asks a node in another process, as shipped. The variant names the broker; with `by name`
 * the node that is asked has a chosen id, so that its process has to be learned.
 */
export const role: Role = {
  serve: async (setup) => {
    const server = await join(setup);
    const id = setup.variant.endsWith('by name') ? 'the echo' : undefined;
    server.on('echo', (_ctx, text) => text);
    return (await server.createNode(NOBODY, { id })).id;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const server = await join(setup);
    const node = await server.createNode(NOBODY);
    return byPromise(payload, () => node.send(setup.address, 'echo', payload));
  },
};

/** A server of this process, on the broker that the variant begins with, or in memory. */
export async function join({ root, urls, variant, scope }: Setup): Promise<Server> {
  const [broker = ''] = variant.split(' ', 1);
  const { createServer, openSwarm } = await ours(root, 'core');
  if (broker === 'memory') return await createServer({ namespace: scope });
  const factory = await adapterOf(root, broker as BrokerKind);
  const swarm = openSwarm(urls[broker] ?? '', [factory]);
  return await createServer({ swarm, namespace: scope });
}
