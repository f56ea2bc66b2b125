import { createServer } from '@swarm/core';
import { connect, listen, refuse } from '@swarm/tcp';

const TOKEN = 'Bearer secret';

export async function start(options = { port: 0 }) {
  const server = await createServer();
  server.client.on('add', (_ctx, a: number, b: number) => a + b);

  const { port } = await listen(server, {
    host: 'localhost',
    port: options.port,
    accept: ({ url, headers }) =>
      headers['authorization'] === TOKEN ? { id: url.slice(1) } : refuse(401),
  });

  const headers = { authorization: TOKEN };
  const ada = connect(`tcp://localhost:${port}/ada`, { headers });
  return { server, port, ada };
}
