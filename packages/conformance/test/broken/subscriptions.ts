import { type BrokenSwarm, later, onSubscribe, onUnsubscribe } from './tamper.ts';

export const brokenSubscriptions: readonly BrokenSwarm[] = [
  {
    what: 'subscribes no more than 9,000 subjects',
    breaks: ['ANNOUNCE-1', 'ANNOUNCE-2'],
    tamper: () => onSubscribe((link) => (subjects) => link.subscribe(subjects.slice(0, 9_000))),
  },
  {
    what: 'unsubscribes no more than 4,000 subjects',
    breaks: ['ANNOUNCE-2'],
    tamper: () => onUnsubscribe((link) => (subjects) => link.unsubscribe(subjects.slice(0, 4_000))),
  },
  {
    what: 'unsubscribes everything that is subscribed when there are many',
    breaks: ['ANNOUNCE-2'],
    tamper: () => {
      return {
        link: (link) => {
          let all: readonly string[] = [];
          return {
            subscribe: (subjects) => {
              all = subjects;
              return link.subscribe(subjects);
            },
            unsubscribe: (subjects) => link.unsubscribe(subjects.length > 100 ? all : subjects),
          };
        },
      };
    },
  },
  {
    what: 'delivers once for every time a subject was subscribed',
    breaks: ['ANNOUNCE-3'],
    tamper: () => {
      return {
        connect: (connect) => async (host) => {
          const counts = new Map<string, number>([[host.inbox, 1]]);
          const deliver = (subject: string, payload: Uint8Array) => {
            for (let i = 0; i < (counts.get(subject) ?? 1); i += 1) host.deliver(subject, payload);
          };
          const link = await connect({ ...host, deliver });
          return {
            ...link,
            subscribe: (subjects) => {
              for (const subject of subjects) counts.set(subject, (counts.get(subject) ?? 0) + 1);
              return link.subscribe(subjects);
            },
            unsubscribe: (subjects) => {
              for (const subject of subjects) counts.delete(subject);
              return link.unsubscribe(subjects);
            },
          };
        },
      };
    },
  },
  {
    what: 'leaves a subject only when it was unsubscribed as often as subscribed',
    breaks: ['ANNOUNCE-3'],
    tamper: () => {
      return {
        link: (link) => {
          const counts = new Map<string, number>();
          const add = (subject: string, one: number) => {
            const count = (counts.get(subject) ?? 0) + one;
            counts.set(subject, count);
            return count;
          };
          return {
            subscribe: (subjects) => {
              for (const subject of subjects) add(subject, 1);
              return link.subscribe(subjects);
            },
            unsubscribe: (subjects) => {
              return link.unsubscribe(subjects.filter((subject) => add(subject, -1) <= 0));
            },
          };
        },
      };
    },
  },
  {
    what: 'rejects to unsubscribe what was not subscribed',
    breaks: ['ANNOUNCE-4'],
    tamper: () => {
      return {
        link: (link) => {
          const known = new Set<string>();
          return {
            subscribe: (subjects) => {
              for (const subject of subjects) known.add(subject);
              return link.subscribe(subjects);
            },
            unsubscribe: async (subjects) => {
              const unknown = subjects.find((subject) => !known.has(subject));
              if (unknown !== undefined) throw new Error('no such subscription');
              await link.unsubscribe(subjects);
            },
          };
        },
      };
    },
  },
  {
    what: 'rejects an empty list',
    breaks: ['ANNOUNCE-4'],
    tamper: () => {
      return onSubscribe((link) => async (subjects) => {
        if (subjects.length === 0) throw new Error('ERR wrong number of arguments');
        await link.subscribe(subjects);
      });
    },
  },
  {
    what: 'leaves everything when the list is empty',
    breaks: ['ANNOUNCE-4'],
    tamper: () => {
      return {
        link: (link, { inbox }) => ({
          unsubscribe: (subjects) => link.unsubscribe(subjects.length === 0 ? [inbox] : subjects),
        }),
      };
    },
  },
  {
    what: 'unsubscribes at once and subscribes a little later',
    breaks: ['ANNOUNCE-5'],
    tamper: () => {
      return onSubscribe((link) => async (subjects) => {
        await Promise.resolve();
        await link.subscribe(subjects);
      });
    },
  },
  {
    what: 'goes on delivering for a moment after unsubscribe has resolved',
    breaks: ['ANNOUNCE-2', 'ANNOUNCE-3', 'ANNOUNCE-5', 'STOP-1', 'STOP-3', 'VERDICT-4', 'EPOCH-1'],
    tamper: () => {
      return onUnsubscribe((link) => async (subjects) => {
        later(() => void link.unsubscribe(subjects));
      });
    },
  },
  {
    what: 'leaves the inbox with the last subject',
    breaks: ['STOP-1', 'STOP-2', 'STOP-3', 'EPOCH-1'],
    tamper: () => {
      return {
        link: (link, { inbox }) => {
          const left = new Set<string>();
          return {
            subscribe: (subjects) => {
              for (const subject of subjects) left.add(subject);
              return link.subscribe(subjects);
            },
            unsubscribe: async (subjects) => {
              const size = left.size;
              for (const subject of subjects) left.delete(subject);
              await link.unsubscribe(left.size === 0 && size > 0 ? [...subjects, inbox] : subjects);
            },
          };
        },
      };
    },
  },
  {
    what: 'loses what comes while it unsubscribes another subject',
    breaks: ['STOP-2'],
    tamper: () => {
      let leaving = 0;
      return {
        host: (host) => ({
          deliver: (subject, payload) => {
            if (leaving === 0) host.deliver(subject, payload);
          },
        }),
        link: (link) => ({
          unsubscribe: async (subjects) => {
            leaving += 1;
            await link.unsubscribe(subjects);
            leaving -= 1;
          },
        }),
      };
    },
  },
  {
    what: 'cannot subscribe again what it has left',
    breaks: ['STOP-3'],
    tamper: () => {
      return {
        link: (link) => {
          const left = new Set<string>();
          return {
            subscribe: (subjects) => {
              return link.subscribe(subjects.filter((subject) => !left.has(subject)));
            },
            unsubscribe: async (subjects) => {
              await link.unsubscribe(subjects);
              for (const subject of subjects) left.add(subject);
            },
          };
        },
      };
    },
  },
];
