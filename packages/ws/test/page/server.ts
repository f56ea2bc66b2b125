import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from '@swarm/core';
import { listen } from '@swarm/ws';
import { arena } from './contract.ts';

/** A server in a process of its own: `node server.js <port> <script of the page>`. */
const [, , port, script = ''] = process.argv;
const page = '<!doctype html><title>page</title><script type="module" src="/main.js"></script>';
const code = readFileSync(script);

const http = createHttpServer(({ url = '' }, response) => {
  const isScript = url === '/main.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.end(isScript ? code : page);
});
const server = await createServer({ contract: arena, namespace: 'browser-test' });

server.client.implement({
  add: (_ctx, a, b) => a + b,
  divide: (ctx, a, b) => (b === 0 ? ctx.fail('DIVIDE_BY_ZERO', { dividend: a }) : a / b),
  ask: (ctx, id, text) => ctx.node.remoteClient.call(id).question(text),
  hold: async (ctx) => {
    await ctx.node.client.call.held();
    return new Promise<null>(() => {});
  },
});
server.remoteClient.on('question', (ctx, text) => [text, ctx.sender ?? 'the server']);

await listen(server, {
  server: http,
  path: '/swarm',
  accept: ({ url = '/' }) => ({ id: new URL(url, 'ws://page').searchParams.get('name') ?? '' }),
});
http.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
// Whoever started this process is gone.
process.on('disconnect', () => process.exit());
