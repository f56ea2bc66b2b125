import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createServer } from '@swarm/core';
import { listen } from '@swarm/ws';
import { Hono } from 'hono';

export async function start(options = { port: 0 }) {
  const server = await createServer();
  server.client.on('add', (_ctx, a: number, b: number) => a + b);

  const app = new Hono();
  app.get('/online', (context) => context.json({ clients: server.nodes.size }));

  const http = createHttpServer(getRequestListener(app.fetch));
  http.listen(options.port);
  await once(http, 'listening');
  const { port } = await listen(server, { server: http, path: '/swarm' });

  async function close() {
    await server.close(); // first, because its clients keep the port open
    await new Promise((resolve) => http.close(resolve));
  }
  return { port, close };
}
