import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { socketConformance } from '@swarm/conformance';
import { LIMITS, type Socket, type SocketServer, swarm1 } from '@swarm/core';
import { WebSocket } from 'ws';
import { listen } from '../src/index.ts';
import { WsSocket } from '../src/socket.ts';

/** Where accepted sockets go, by the path they came with, instead of to nodes. */
const accepted = new Map<string, (socket: Socket) => void>();

const server: SocketServer = {
  limits: LIMITS,
  isOpen: true,
  events: { on: () => () => {}, emit: () => {} },
  createNode: async (socket, { id = '' }) => accepted.get(id)?.(socket),
};

socketConformance('ws', async () => {
  const listener = await listen(server, {
    host: '127.0.0.1',
    accept: ({ url }) => ({ id: url }),
  });
  return { pair: () => connectPair(listener.port), close: () => listener.close() };
});

let pairs = 0;

async function connectPair(port: number) {
  pairs += 1;
  const path = `/${pairs}`;
  const accepting = new Promise<Socket>((resolve) => accepted.set(path, resolve));
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, [swarm1.name], {
    maxPayload: LIMITS.socketFrameBytesMax,
    perMessageDeflate: false,
  });
  const far = new WsSocket(ws, null);
  const [response]: IncomingMessage[] = await once(ws, 'upgrade');
  return { near: await accepting, far, sever: () => void response?.socket.resetAndDestroy() };
}
