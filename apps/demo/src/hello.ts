import { createServer } from '@swarm/core';
import { connect, listen } from '@swarm/ws';

const server = await createServer();
server.client.on('add', (_ctx, a: number, b: number) => a + b); // answered by a client's node
server.on('load', () => server.nodes.size); // answered by a node, for other nodes
server.client.on('ask', (ctx, id: string, text: string) => {
  return ctx.node.remoteClient.send(id, 'question', text); // answered by another node's client
});
const { port } = await listen(server, {
  port: 0,
  accept: (request) => ({ id: request.url?.slice(1) }),
});

const ada = connect(`ws://localhost:${port}/ada`);
const bob = connect(`ws://localhost:${port}/bob`);
bob.on('question', (_ctx, text) => `${text}? Of course.`);
await bob.ready();

console.log(await ada.send('add', 1, 2)); // 3
console.log(await ada.send('ask', 'bob', 'Tea')); // Tea? Of course.
console.log(await server.send('bob', 'load')); // 2
for (const end of [ada, bob, server]) await end.close();
