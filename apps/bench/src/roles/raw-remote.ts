import { once } from 'node:events';
import type { BrokerKind } from '@swarm/conformance/brokers';
import { WebSocket, WebSocketServer } from 'ws';
import { openPipe } from '../pipe.ts';
import { HOST, onFreePort } from '../port.ts';
import type { Setup } from '../protocol.ts';
import { type Done, payloadOf, type Role, wrong } from '../role.ts';

/**
 * Bytes that a client of another process gives back, through a broker and a socket: whoever
 * stands between hands on what comes, from either side to the other. The variant is the broker.
 */
export const role: Role = {
  serve: (setup) =>
    onFreePort(async (port) => {
      const server = new WebSocketServer({ host: HOST, port });
      await once(server, 'listening');
      const { questions, answers } = namesIn(setup);
      let client: WebSocket | null = null;
      const pipe = await open(setup, { own: questions, other: answers }, (payload) => {
        client?.send(payload);
      });
      server.on('connection', (ws) => {
        client = ws;
        ws.on('message', (payload: Buffer) => pipe.send(payload));
      });
      return `ws://${HOST}:${port}`;
    }),

  attach: async ({ address }) => {
    const ws = new WebSocket(address, { perMessageDeflate: false });
    ws.on('message', (payload: Buffer) => ws.send(payload));
    await once(ws, 'open');
    return address;
  },

  ask: async (setup) => {
    const payload = Buffer.from(payloadOf(setup));
    const waiting: Done[] = [];
    const { questions, answers } = namesIn(setup);
    const pipe = await open(setup, { own: answers, other: questions }, ({ length }) => {
      waiting.shift()?.(length === payload.length ? null : wrong(length));
    });
    return {
      ask: (done) => {
        waiting.push(done);
        pipe.send(payload);
      },
    };
  },
};

function namesIn({ scope }: Setup) {
  return { questions: `${scope}.questions`, answers: `${scope}.answers` };
}

function open(
  { urls, variant }: Setup,
  names: Parameters<typeof openPipe>[2],
  hear: (payload: Buffer) => void,
) {
  return openPipe(variant as BrokerKind, urls[variant] ?? '', names, hear);
}
