import type { Message, SocketHost } from '@swarm/core';
import { every } from './tamper.ts';
import { type BrokenSocket, onClosed } from './tamper-socket.ts';

export const brokenSockets: readonly BrokenSocket[] = [
  {
    what: 'always says that nothing waits to be sent',
    breaks: ['BUFFER-1'],
    tamper: () => () => ({ bufferedBytes: 0 }),
  },
  {
    what: 'counts all bytes that were ever sent',
    breaks: ['BUFFER-1'],
    tamper: () => (socket) => {
      let sent = 0;
      return {
        get bufferedBytes() {
          return sent;
        },
        send: (message) => {
          sent += message.length;
          socket.send(message);
        },
      };
    },
  },
  {
    what: 'gives the messages of every seventh socket to the one before it',
    breaks: ['LIMIT-2', 'END-3', 'END-4', 'SOCKETS-1', 'SOCKETS-2'],
    tamper: () => {
      const isWrong = every(7);
      let before: SocketHost | null = null;
      return (socket) => ({
        attach: (host) => {
          const other = before;
          before = host;
          const isOthers = isWrong() && other !== null;
          const message = (each: Message) => (isOthers ? other : host).message(each);
          socket.attach({ message, closed: (code, reason) => host.closed(code, reason) });
        },
      });
    },
  },
  {
    what: 'ends the socket before it when one breaks',
    breaks: ['SOCKETS-2'],
    tamper: () => {
      const severs: (() => void)[] = [];
      return (socket, sever) => {
        const index = severs.push(sever);
        return onClosed(socket, (host) => (code, reason) => {
          host.closed(code, reason);
          if (code === 1006) severs[index]?.();
        });
      };
    },
  },
];
