import type { Server, Socket } from '@swarm/core';
import { ours } from '../packages.ts';
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
    const server = await join(setup, namespaceOf(process.pid));
    const id = setup.variant.endsWith('by name') ? 'the echo' : undefined;
    server.on('echo', (_ctx, text) => text);
    const node = await server.createNode(NOBODY, { id });
    return `${process.pid} ${node.id}`;
  },

  ask: async (setup) => {
    const payload = payloadOf(setup);
    const [, pid = '', id = ''] = /^(\d+) (.*)$/.exec(setup.address) ?? [];
    const server = await join(setup, namespaceOf(Number(pid)));
    const node = await server.createNode(NOBODY);
    return byPromise(payload, () => node.send(id, 'echo', payload));
  },
};

/** A server of this process, on the broker that the variant begins with. */
export async function join({ root, urls, variant }: Setup, namespace: string): Promise<Server> {
  const [broker = ''] = variant.split(' ', 1);
  const { createServer, openSwarm } = await ours(root, 'core');
  if (broker === 'memory') return await createServer({ namespace });
  const factory =
    broker === 'nats' ? (await ours(root, 'nats')).nats : (await ours(root, 'redis')).redis;
  return await createServer({ swarm: openSwarm(urls[broker] ?? '', [factory]), namespace });
}

/** A case has one of its own, or else chosen ids would go from one to the other. */
export function namespaceOf(pid: number): string {
  return `bench-${pid}`;
}
