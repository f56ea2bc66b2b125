import { createServer } from '@swarm/core';
import { listen } from '@swarm/ws';
import fastify from 'fastify';

export async function start(options = { port: 0 }) {
  const server = await createServer();
  server.client.on('add', (_ctx, a: number, b: number) => a + b);

  const app = fastify();
  app.get('/online', () => ({ clients: server.nodes.size }));
  app.addHook('preClose', () => server.close()); // first, because its clients keep the port open

  await app.listen({ port: options.port, host: '0.0.0.0' });
  const { port } = await listen(server, { server: app.server, path: '/swarm' });

  return { port, close: () => app.close() };
}
