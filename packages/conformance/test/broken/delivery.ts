import { type BrokenSwarm, every, later, onDeliver, onPublish, onSubscribe } from './tamper.ts';

export const brokenDelivery: readonly BrokenSwarm[] = [
  {
    what: 'delivers every 700th message twice',
    breaks: ['DELIVER-3', 'ORDER-1', 'ORDER-2', 'BYTES-4'],
    tamper: () => {
      const isTwice = every(700);
      return onDeliver((host) => (subject, payload) => {
        host.deliver(subject, payload);
        if (isTwice()) host.deliver(subject, payload);
      });
    },
  },
  {
    what: 'drops every 700th message',
    breaks: [
      'DELIVER-3',
      'ORDER-1',
      'ORDER-2',
      'ANNOUNCE-1',
      'ANNOUNCE-2',
      'BYTES-4',
      'PRESSURE-1',
    ],
    tamper: () => {
      const isDropped = every(700);
      return onDeliver((host) => (subject, payload) => {
        if (!isDropped()) host.deliver(subject, payload);
      });
    },
  },
  {
    what: 'names the inbox instead of the subject now and then',
    breaks: ['DELIVER-3', 'ORDER-1', 'ORDER-2'],
    tamper: () => {
      const isWrong = every(700);
      return onDeliver((host) => (subject, payload) => {
        host.deliver(isWrong() ? host.inbox : subject, payload);
      });
    },
  },
  {
    what: 'hears the inbox of every eleventh link a turn after connect has resolved',
    breaks: ['DELIVER-1'],
    tamper: () => {
      const isLate = every(11);
      return {
        connect: (connect) => async (host) => {
          if (!isLate()) return connect(host);
          const link = await connect({ ...host, inbox: `${host.inbox}.not-yet` });
          later(() => void link.subscribe([host.inbox]));
          return link;
        },
      };
    },
  },
  {
    what: 'hears what every sixth subscribe of a link is for a turn after it has resolved',
    breaks: ['DELIVER-2'],
    tamper: () => {
      return onSubscribe((link) => {
        const isLate = every(6);
        return async (subjects) => {
          if (isLate()) later(() => void link.subscribe(subjects));
          else await link.subscribe(subjects);
        };
      });
    },
  },
  {
    what: 'delivers to itself from within publish',
    breaks: ['DELIVER-4'],
    tamper: () => {
      return onPublish((link, host) => (subject, payload, token) => {
        if (subject === host.inbox) host.deliver(subject, payload);
        else link.publish(subject, payload, token);
      });
    },
  },
  {
    what: 'sends what is great a turn later',
    breaks: ['ORDER-1'],
    tamper: () => {
      return onPublish((link) => (subject, payload, token) => {
        const publish = () => link.publish(subject, payload, token);
        if (payload.length === 20_000) later(publish);
        else publish();
      });
    },
  },
  {
    what: 'sends every 150th message to another subject than the one before it a turn later',
    breaks: ['ORDER-2'],
    tamper: () => {
      return onPublish((link) => {
        const isLate = every(150);
        let before = '';
        return (subject, payload, token) => {
          const publish = () => link.publish(subject, payload, token);
          const isOther = subject !== before;
          before = subject;
          if (token === 0 && isOther && isLate()) later(publish);
          else publish();
        };
      });
    },
  },
  {
    what: 'lets only the first of all owners hear a subject',
    breaks: ['DELIVER-4', 'OWNERS-1', 'OWNERS-2', 'CLOSE-1', 'LOSS-1'],
    tamper: () => {
      const owners = new Map<string, string>();
      return onSubscribe((link, { inbox }) => async (subjects) => {
        for (const subject of subjects) owners.set(subject, owners.get(subject) ?? inbox);
        await link.subscribe(subjects.filter((subject) => owners.get(subject) === inbox));
      });
    },
  },
  {
    what: 'does not let a link hear what it publishes to a subject of its own',
    breaks: ['DELIVER-4', 'OWNERS-1', 'LINKS-1', 'LOSS-1'],
    tamper: () => {
      return {
        link: (link) => {
          const own = new Set<string>();
          return {
            subscribe: (subjects) => {
              for (const subject of subjects) own.add(subject);
              return link.subscribe(subjects);
            },
            publish: (subject, payload, token) => {
              link.publish(subject, payload, token);
              if (!own.has(subject)) return;
              void link.unsubscribe([subject]);
              later(() => void link.subscribe([subject]));
            },
          };
        },
      };
    },
  },
  {
    what: 'ends a subject for all when one link leaves it',
    breaks: ['OWNERS-2', 'ANNOUNCE-5'],
    tamper: () => {
      const leaves = new Set<(subjects: readonly string[]) => Promise<void>>();
      return {
        link: (link) => {
          leaves.add((subjects) => link.unsubscribe(subjects));
          return {
            unsubscribe: async (subjects) => {
              for (const leave of leaves) await leave(subjects);
            },
          };
        },
      };
    },
  },
  {
    what: 'refuses an inbox that another link has',
    breaks: ['OWNERS-3'],
    tamper: () => {
      const inboxes = new Set<string>();
      return {
        connect: (connect) => async (host) => {
          const { inbox } = host;
          if (inboxes.has(inbox)) throw new Error('RESOURCE_LOCKED');
          inboxes.add(inbox);
          const free = () => inboxes.delete(inbox);
          const lost = (cause: unknown) => {
            free();
            host.lost(cause);
          };
          const link = await connect({ ...host, lost });
          return { ...link, close: () => link.close().finally(free) };
        },
      };
    },
  },
];
