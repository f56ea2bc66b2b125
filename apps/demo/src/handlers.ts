import { setTimeout as sleep } from 'node:timers/promises';
import type { Server, SwarmError } from '@swarm/core';
import { ANSWER_MS, type Demo, type ServerName } from './contract.ts';
import type { Hub } from './hub.ts';
import { isSimulated, type Roster } from './roster.ts';

export interface Handling {
  readonly name: ServerName;
  readonly roster: Roster;
  readonly hub: Hub;
}

/** What the nodes of a server do: for their clients, for other nodes, and before their clients. */
export function handle(server: Server<Demo>, { name, roster, hub }: Handling): void {
  // Client requests: what a node answers its client. `forecast` is left out on purpose.
  server.client.on('add', (_ctx, a, b) => a + b);
  server.client.on('divide', (ctx, a, b) => {
    return b === 0 ? ctx.fail('DIVIDE_BY_ZERO', { dividend: a }) : a / b;
  });
  server.client.on('whoami', ({ node }) => {
    return { id: node.id, server: name, isSimulated: isSimulated(node.auth) };
  });
  server.client.on('roster', () => [...roster.members]);
  // The signal ends the wait when the client gives up, or its time is over.
  server.client.on('slow', async (ctx, ms) => {
    await sleep(ms, undefined, { signal: ctx.signal });
    return ms;
  });
  // The client asks its node, which asks another node, or through it that node's client.
  server.client.on('ask', async (ctx, id, text) => {
    hub.asked(ctx.node.id, id);
    // Longer than the client waits: it is the client's deadline that decides.
    const options = { signal: ctx.signal, timeoutMs: ANSWER_MS * 2 };
    const asked = await ctx.node.remoteClient.with(options).call(id).question.safe(text);
    return asked.ok ? asked.result : ctx.fail('NOT_ANSWERED', why(id, asked.error));
  });
  server.client.on('loadOf', async (ctx, id) => {
    const asked = await ctx.node.call(id).load.safe();
    return asked.ok ? asked.result : ctx.fail('NOT_ANSWERED', why(id, asked.error));
  });
  // Server requests: what a node answers other nodes.
  server.on('load', () => ({ server: name, pid: process.pid, clients: roster.of(name).length }));
  // Remote client requests: a node signs what passes through it to its client. The asking client
  // has no say in this, so nobody can ask in another's name.
  server.remoteClient.on('question', (ctx, text) => [text, ctx.sender ?? 'the server']);
}

function why(id: string, { message, subtype, delivered, hint }: SwarmError) {
  return { id, reason: message, subtype, delivered, hint };
}
