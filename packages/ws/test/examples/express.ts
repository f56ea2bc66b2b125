import { once } from 'node:events';
import { createServer } from '@swarm/core';
import { listen } from '@swarm/ws';
import express from 'express';

export async function start(options = { port: 0 }) {
  const server = await createServer();
  server.client.on('add', (_ctx, a: number, b: number) => a + b);

  const app = express();
  app.get('/online', (_request, response) => {
    response.json({ clients: server.nodes.size });
  });

  const http = app.listen(options.port);
  await once(http, 'listening');
  const { port } = await listen(server, { server: http, path: '/swarm' });

  async function close() {
    await server.close(); // first, because its clients keep the port open
    await new Promise((resolve) => http.close(resolve));
  }
  return { port, close };
}
