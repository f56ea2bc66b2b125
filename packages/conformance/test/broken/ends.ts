import type { Message, SocketHost } from '@swarm/core';
import { type BrokenSocket, onClosed } from './tamper-socket.ts';

export const brokenEnds: readonly BrokenSocket[] = [
  {
    what: 'keeps the reason to itself',
    breaks: ['END-1'],
    tamper: () => (socket) => ({ close: (code) => socket.close(code, '') }),
  },
  {
    what: 'closes with 1000 always',
    breaks: ['END-1'],
    tamper: () => (socket) => ({ close: (_code, reason) => socket.close(1000, reason) }),
  },
  {
    what: 'tells the end twice',
    breaks: ['END-2', 'END-3', 'END-4', 'END-5', 'CUT-1', 'CUT-2'],
    tamper: () => (socket) => {
      return onClosed(socket, (host) => (code, reason) => {
        host.closed(code, reason);
        host.closed(code, reason);
      });
    },
  },
  {
    what: 'does not tell the end to who has closed it',
    breaks: ['END-2', 'END-3', 'END-4', 'END-5', 'SOCKETS-2'],
    tamper: () => (socket) => {
      let isOurs = false;
      const close = (code: number, reason: string) => {
        isOurs = true;
        socket.close(code, reason);
      };
      const quiet = onClosed(socket, (host) => (code, reason) => {
        if (!isOurs) host.closed(code, reason);
      });
      return { ...quiet, close };
    },
  },
  {
    what: 'forgets at a close what was not sent yet',
    breaks: ['END-3', 'BUFFER-1'],
    tamper: () => (socket) => {
      let held: Message[] = [];
      const send = (message: Message) => {
        held.push(message);
        if (held.length > 1) return;
        queueMicrotask(() => {
          for (const each of held.splice(0)) socket.send(each);
        });
      };
      const close = (code: number, reason: string) => {
        held = [];
        socket.close(code, reason);
      };
      return { send, close };
    },
  },
  {
    what: 'sends a message after its close',
    breaks: ['END-3'],
    tamper: () => (socket) => ({
      close: (code, reason) => queueMicrotask(() => socket.close(code, reason)),
    }),
  },
  {
    what: 'delivers a message after it has told the end',
    breaks: ['END-4'],
    tamper: () => (socket) => {
      let last: Message | null = null;
      return {
        attach: (host) => {
          socket.attach({
            message: (message) => {
              if (message === 'answer') last = message;
              host.message(message);
            },
            closed: (code, reason) => {
              host.closed(code, reason);
              if (last !== null) host.message(last);
            },
          });
        },
      };
    },
  },
  {
    what: 'throws when something is sent at the end',
    breaks: ['END-5', 'CUT-2'],
    tamper: () => (socket) => {
      let isOver = false;
      const told = onClosed(socket, (host) => (code, reason) => {
        isOver = true;
        host.closed(code, reason);
      });
      const send = (message: Message) => {
        if (isOver) throw new Error('WebSocket is not open');
        socket.send(message);
      };
      return { ...told, send };
    },
  },
  {
    what: 'tells a broken connection as an end in good order',
    breaks: ['CUT-1'],
    tamper: () => (socket) => {
      return onClosed(socket, (host) => (code, reason) => {
        host.closed(code === 1006 && reason === '' ? 1000 : code, reason);
      });
    },
  },
  {
    what: 'does not notice that a connection broke',
    breaks: ['LIMIT-2', 'CUT-1', 'CUT-2', 'SOCKETS-2'],
    tamper: () => (socket) => {
      return onClosed(socket, (host) => (code, reason) => {
        if (code !== 1006) host.closed(code, reason);
      });
    },
  },
  {
    what: 'tells the end again to who closes a broken socket',
    breaks: ['CUT-2'],
    tamper: () => (socket) => {
      let host: SocketHost | null = null;
      let isBroken = false;
      return {
        attach: (theirs) => {
          host = theirs;
          const closed = (code: number, reason: string) => {
            isBroken = code === 1006;
            theirs.closed(code, reason);
          };
          socket.attach({ message: (message) => theirs.message(message), closed });
        },
        close: (code, reason) => {
          if (isBroken) host?.closed(code, reason);
          socket.close(code, reason);
        },
      };
    },
  },
];
