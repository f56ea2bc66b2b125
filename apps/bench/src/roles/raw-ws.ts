import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { HOST, onFreePort } from '../port.ts';
import { type Asking, type Done, payloadOf, type Role, wrong } from '../role.ts';

/**
 * Bytes that come back: no names, no correlation, no deadlines. `naive` is a write for each of
 * them, `corked` is one for all that a turn of the event loop sends.
 */
export const role: Role = {
  serve: (setup) =>
    onFreePort(async (port) => {
      const server = new WebSocketServer({ host: HOST, port });
      await once(server, 'listening');
      server.on('connection', (ws, request) => {
        const send = sender(ws, setup.variant === 'corked' ? request.socket : null);
        ws.on('message', (data: Buffer) => send(data));
      });
      return `ws://${HOST}:${port}`;
    }),

  ask: async (setup): Promise<Asking> => {
    const ws = new WebSocket(setup.address, { perMessageDeflate: false });
    const upgraded = once(ws, 'upgrade') as Promise<[{ readonly socket: Duplex }]>;
    await once(ws, 'open');
    const [{ socket }] = await upgraded;
    const send = sender(ws, setup.variant === 'corked' ? socket : null);
    const payload = Buffer.from(payloadOf(setup));
    const waiting: Done[] = [];
    ws.on('message', (data: Buffer) => {
      waiting.shift()?.(data.length === payload.length ? null : wrong(data));
    });
    return {
      ask: (done) => {
        waiting.push(done);
        send(payload);
      },
    };
  },
};

function sender(ws: WebSocket, stream: Duplex | null): (data: Buffer) => void {
  if (stream === null) return (data) => ws.send(data);
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    stream.uncork();
  };
  return (data) => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(uncork);
    }
    ws.send(data);
  };
}
