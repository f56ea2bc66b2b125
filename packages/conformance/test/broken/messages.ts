import type { Message } from '@swarm/core';
import { every } from './tamper.ts';
import { type BrokenSocket, onMessage, onSend } from './tamper-socket.ts';

export const brokenMessages: readonly BrokenSocket[] = [
  {
    what: 'delivers bytes as text',
    breaks: ['MESSAGE-1', 'MESSAGE-2', 'MESSAGE-4', 'MESSAGE-5', 'LIMIT-1'],
    tamper: () => (socket) => {
      return onMessage(socket, (host) => (message) => host.message(toText(message)));
    },
  },
  {
    what: 'takes an empty message for none',
    breaks: ['MESSAGE-2', 'MESSAGE-5'],
    tamper: () => (socket) => {
      return onSend(socket, (message) => message.length > 0 && socket.send(message));
    },
  },
  {
    what: 'delivers every 3,000th message twice',
    breaks: ['MESSAGE-3'],
    tamper: () => (socket) => {
      const isTwice = every(3_000);
      return onSend(socket, (message) => {
        socket.send(message);
        if (isTwice()) socket.send(message);
      });
    },
  },
  {
    what: 'delivers what is great in two pieces',
    breaks: ['MESSAGE-3'],
    tamper: () => (socket) => {
      return onSend(socket, (message) => {
        if (message.length !== 20_000) return socket.send(message);
        socket.send(message.slice(0, 10_000));
        socket.send(message.slice(10_000));
      });
    },
  },
  {
    what: 'sends all of the buffer that bytes are a part of',
    breaks: ['MESSAGE-4'],
    tamper: () => (socket) => {
      return onSend(socket, (message) => {
        socket.send(typeof message === 'string' ? message : new Uint8Array(message.buffer));
      });
    },
  },
  {
    what: 'delivers all bytes of 4,001 to 5,000 in one buffer',
    breaks: ['MESSAGE-5'],
    tamper: () => {
      const shared = new Uint8Array(5_000);
      return (socket) => {
        return onMessage(socket, (host) => (message) => {
          const { length } = message;
          if (typeof message === 'string' || length <= 4_000 || length > 5_000) {
            return host.message(message);
          }
          shared.set(message);
          host.message(shared.subarray(0, length));
        });
      };
    },
  },
  {
    what: 'counts characters against the limit',
    breaks: ['MESSAGE-1', 'LIMIT-2'],
    tamper: () => (socket) => {
      return onSend(socket, (message) => {
        const isGreat = typeof message === 'string' && message.length <= 1_048_576;
        socket.send(isGreat ? message.replaceAll('é', 'e') : message);
      });
    },
  },
  {
    what: 'takes one byte too few',
    breaks: ['LIMIT-1', 'BUFFER-1'],
    tamper: () => (socket) => {
      return onSend(socket, (message) => {
        if (message.length === 1_048_576) socket.close(1009, 'too large');
        else socket.send(message);
      });
    },
  },
  {
    what: 'drops what is too large',
    breaks: ['LIMIT-2'],
    tamper: () => (socket) => {
      return onSend(socket, (message) => message.length <= 1_048_576 && socket.send(message));
    },
  },
  {
    what: 'ends all sockets when one gets too much',
    breaks: ['LIMIT-2'],
    tamper: () => {
      const all: (() => void)[] = [];
      return (socket, sever) => {
        all.push(sever);
        return onSend(socket, (message) => {
          socket.send(message);
          if (message.length > 1_048_576) for (const severOne of all) severOne();
        });
      };
    },
  },
];

function toText(message: Message): string {
  return typeof message === 'string' ? message : new TextDecoder().decode(message);
}
