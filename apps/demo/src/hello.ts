import { contract, createServer, fn } from '@swarm/core';
import { connect, listen } from '@swarm/ws';
import * as z from 'zod/mini';

const arena = contract({
  node: {
    add: fn(z.number(), z.number()).returns(z.number()),
    ask: fn(z.string(), z.string()).returns(z.string()),
  },
  client: { question: fn(z.string()).returns(z.string()) },
  server: { load: fn().returns(z.number()) },
});

const server = await createServer({ contract: arena });
// A node answers its client, other nodes, and passes on what another node's client answers.
server.client.on('add', (_ctx, a, b) => a + b);
server.on('load', () => server.nodes.size);
server.client.on('ask', (ctx, id, text) => ctx.node.remoteClient.call(id).question(text));
const { port } = await listen(server, {
  port: 0,
  accept: (request) => ({ id: request.url?.slice(1) }),
});

const ada = connect(`ws://localhost:${port}/ada`, { contract: arena });
const bob = connect(`ws://localhost:${port}/bob`, { contract: arena });
bob.on('question', (_ctx, text) => `${text}? Of course.`);
await bob.ready();

console.log(await ada.call.add(1, 2)); // 3
console.log(await ada.call.ask('bob', 'Tea')); // Tea? Of course.
console.log(await server.call('bob').load()); // 2
for (const end of [ada, bob, server]) await end.close();
