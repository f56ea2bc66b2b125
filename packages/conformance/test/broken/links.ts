import type { Link } from '@swarm/core';
import {
  type BrokenSwarm,
  every,
  later,
  never,
  nobody,
  onClose,
  onceOver,
  unreachable,
} from './tamper.ts';

export const brokenLinks: readonly BrokenSwarm[] = [
  {
    what: 'connects no more than eight links',
    breaks: ['DELIVER-1', 'LINKS-1', 'LINKS-2'],
    tamper: () => {
      let links = 0;
      return {
        connect: (connect) => async (host) => {
          links += 1;
          if (links > 8) throw new Error('too many connections');
          return connect(host);
        },
        ...onClose((link) => {
          let open = 1;
          return () => {
            links -= open;
            open = 0;
            return link.close();
          };
        }),
      };
    },
  },
  {
    what: 'closes with the fourth link all that were opened before it',
    breaks: ['LINKS-2', 'CLOSE-4'],
    tamper: () => {
      const opened: Link[] = [];
      const isFourth = every(4);
      return onClose((link) => {
        opened.push(link);
        return async () => {
          const closing = isFourth() ? opened : [link];
          for (const each of closing) await each.close();
        };
      });
    },
  },
  {
    what: 'goes on delivering when it is closed',
    breaks: ['OWNERS-3', 'CLOSE-1', 'VERDICT-5'],
    tamper: () => {
      return onceOver((link, state) => ({
        publish: (subject, payload, token) => {
          if (!state.isClosed) link.publish(subject, payload, token);
        },
        close: () => Promise.resolve(),
      }));
    },
  },
  {
    what: 'ends a moment after close has resolved',
    breaks: ['OWNERS-3', 'CLOSE-1', 'CLOSE-2'],
    tamper: () => onClose((link) => async () => later(() => void link.close())),
  },
  {
    what: 'still gives verdicts when it is closed',
    breaks: ['CLOSE-1'],
    tamper: () => {
      return {
        link: (link, host) => {
          const waiting = new Set<number>();
          return {
            publish: (subject, payload, token) => {
              link.publish(subject, payload, token);
              if (token > 0 && subject.includes('.n.')) waiting.add(token);
            },
            close: () => {
              later(() => {
                for (const token of waiting) host.undeliverable(token);
              });
              return link.close();
            },
          };
        },
      };
    },
  },
  {
    what: 'publishes when it is closed',
    breaks: ['CLOSE-2'],
    tamper: (inner) => {
      return onceOver((link, state) => ({
        publish: (subject, payload, token) => {
          if (!state.isClosed) return link.publish(subject, payload, token);
          void inner.connect(nobody('spare')).then((spare) => {
            spare.publish(subject, payload, 0);
            return spare.close();
          });
        },
      }));
    },
  },
  {
    what: 'throws when something is published after close',
    breaks: ['CLOSE-2'],
    tamper: () => {
      return onceOver((link, state) => ({
        publish: (subject, payload, token) => {
          if (state.isClosed) throw new Error('Connection is closed.');
          link.publish(subject, payload, token);
        },
      }));
    },
  },
  {
    what: 'rejects the second close',
    breaks: ['CLOSE-3', 'CLOSE-4', 'LOSS-2'],
    tamper: () => {
      return onceOver((link, state) => ({
        close: async () => {
          if (state.isClosed) throw new Error('Connection is closed.');
          await link.close();
        },
      }));
    },
  },
  {
    what: 'takes a close of its own for a loss',
    breaks: ['CLOSE-1', 'CLOSE-4', 'LOSS-1'],
    tamper: () => {
      return onClose((link, host) => async () => {
        await link.close();
        host.lost(new Error('the connection has ended'));
      });
    },
  },
  {
    what: 'never settles a subscribe after close',
    breaks: ['CLOSE-5'],
    tamper: () => {
      return onceOver((link, state) => ({
        subscribe: (subjects) => (state.isClosed ? never() : link.subscribe(subjects)),
      }));
    },
  },
  {
    what: 'never settles a subscribe that was under way at a close',
    breaks: ['CLOSE-5'],
    tamper: () => {
      return onceOver((link, state) => ({
        subscribe: async (subjects) => {
          await link.subscribe(subjects);
          // Many take a turn.
          if (subjects.length === 100) await new Promise((resolve) => setImmediate(resolve));
          if (state.isClosed) await never();
        },
      }));
    },
  },
  {
    what: 'never says that the pressure is off',
    breaks: ['PRESSURE-1'],
    tamper: () => ({ host: (host) => ({ pressure: (on) => on && host.pressure(on) }) }),
  },
  {
    what: 'says again and again that there is pressure',
    breaks: ['PRESSURE-1'],
    tamper: () => {
      return {
        host: (host) => ({
          pressure: (on) => {
            host.pressure(on);
            if (on) host.pressure(on);
          },
        }),
      };
    },
  },
  {
    what: 'learns what it can do from its first link',
    breaks: ['CAPABILITIES-1'],
    tamper: ({ capabilities }) => {
      const learned = { ...capabilities };
      return {
        capabilities: learned,
        link: () => {
          learned.frameBytesMax = 1_048_576;
          return {};
        },
      };
    },
  },
  {
    what: 'waits for ever for a broker that is not there',
    breaks: ['DIAL-1', 'DIAL-2'],
    tamper: () => ({ fixture: () => ({ unreachable: unreachable(never) }) }),
  },
  {
    what: 'rejects with a text when there is no broker',
    breaks: ['DIAL-1'],
    tamper: () => {
      // Not an error: that is the fault.
      const connect = () => Promise.reject('ECONNREFUSED');
      return { fixture: () => ({ unreachable: unreachable(connect) }) };
    },
  },
  {
    what: 'names the URL with its password when there is no broker',
    breaks: ['DIAL-2'],
    tamper: () => {
      const connect = () =>
        Promise.reject(new Error('cannot reach redis://user:hunter2@localhost'));
      return { fixture: () => ({ unreachable: unreachable(connect) }) };
    },
  },
  {
    what: 'hides the password in the options of the cause',
    breaks: ['DIAL-2'],
    tamper: () => {
      const cause = Object.assign(new Error('refused'), { options: { password: 'hunter2' } });
      const connect = () => Promise.reject(new Error('cannot connect', { cause }));
      return { fixture: () => ({ unreachable: unreachable(connect) }) };
    },
  },
];
