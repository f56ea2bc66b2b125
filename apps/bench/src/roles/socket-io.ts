import { once } from 'node:events';
import { createServer } from 'node:http';
import { peer } from '../packages.ts';
import { HOST, onFreePort } from '../port.ts';
import { byPromise, payloadOf, type Role } from '../role.ts';

interface ServerSide {
  readonly Server: new (
    http: unknown,
    options: object,
  ) => {
    on(
      event: 'connection',
      listener: (socket: { on(name: string, listener: Echo): void }) => void,
    ): void;
  };
}
type Echo = (text: string, answer: (text: string) => void) => void;

interface ClientSide {
  io(
    url: string,
    options: object,
  ): {
    on(event: 'connect', listener: () => void): void;
    emitWithAck(name: string, text: string): Promise<unknown>;
  };
}

/** An event and its acknowledgement, over WebSocket from the start, and without a timeout. */
export const role: Role = {
  serve: () =>
    onFreePort(async (port) => {
      const http = createServer();
      http.listen(port, HOST);
      await once(http, 'listening');
      const { Server } = peer<ServerSide>('socket.io');
      const server = new Server(http, { transports: ['websocket'], serveClient: false });
      server.on('connection', (socket) => {
        socket.on('echo', (text, answer) => answer(text));
      });
      return `http://${HOST}:${port}`;
    }),

  ask: async (setup) => {
    const { io } = peer<ClientSide>('socket.io-client');
    const payload = payloadOf(setup);
    const socket = io(setup.address, { transports: ['websocket'] });
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    return byPromise(payload, () => socket.emitWithAck('echo', payload));
  },
};
