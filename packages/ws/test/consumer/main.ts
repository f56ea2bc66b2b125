import { createServer, type Server } from '@swarm/core';
import { connect, listen } from '@swarm/ws';
import { arena } from './contract.ts';
import { page } from './page-contract.ts';

/** Inferred as well: what is made of a contract has types with names. */
export async function start() {
  const server = await createServer({ contract: arena });
  server.client.implement({
    add: (_ctx, a, b) => a + b,
    divide: (ctx, a, b) => (b === 0 ? ctx.fail('DIVIDE_BY_ZERO', { dividend: a }) : a / b),
    orders: { create: async (_ctx, { item }) => `one ${item}` },
  });
  const { port } = await listen(server, { port: 0, host: '127.0.0.1' });
  const client = connect(`ws://127.0.0.1:${port}`, { contract: arena });
  client.on('alert', (_ctx, text) => text === 'hi');
  return { server, client, port };
}

const { server, client, port } = await start();
const named: Server<typeof arena> = server;
const sum: number = await client.call.add(1, 2);
const order: string = await client.call.orders.create({ item: 'tea' });
const safe = await client.call.divide.safe(6, 0);
const dividend = !safe.ok && safe.error.code === 'DIVIDE_BY_ZERO' ? safe.error.data.dividend : null;
const [node] = named.nodes.values();
const heard: boolean | undefined = await node?.client.call.alert('hi');
const other = connect(`ws://127.0.0.1:${port}`, { contract: page });
const again: number = await other.call.add(2, 3);
const major = Number.parseInt(process.versions.node, 10);
console.log(JSON.stringify({ node: major, sum, order, dividend, heard, again }));

// @ts-expect-error what the contract does not say must not compile, even from declarations
client.call.add('1', 2).catch(() => {});

other.close();
client.close();
await server.close();
