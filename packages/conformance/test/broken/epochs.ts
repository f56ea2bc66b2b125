import type { Link } from '@swarm/core';
import { type BrokenSwarm, onceOver, onPublish } from './tamper.ts';

export const brokenEpochs: readonly BrokenSwarm[] = [
  {
    what: 'keeps what is published after a loss for the next link',
    breaks: ['LOSS-2', 'REPLAY-2'],
    tamper: () => {
      const kept: ((link: Link) => void)[] = [];
      const { connect: watching } = onceOver((link, state) => ({
        publish: (subject, payload, token) => {
          if (!state.isLost) return link.publish(subject, payload, token);
          kept.push((next) => next.publish(subject, payload, 0));
        },
      }));
      return {
        connect: (connect) => async (host) => {
          const link = await (watching?.(connect) ?? connect)(host);
          for (const publish of kept.splice(0)) publish(link);
          return link;
        },
      };
    },
  },
  {
    what: 'keeps what is published to an inbox until somebody connects with it',
    breaks: ['REPLAY-1'],
    tamper: () => {
      const kept = new Map<string, Uint8Array[]>();
      const open = new Set<string>();
      const { link: publishing } = onPublish((link) => (subject, payload, token) => {
        link.publish(subject, payload, token);
        if (!open.has(subject)) kept.set(subject, [...(kept.get(subject) ?? []), payload]);
      });
      return {
        link: (link, host) => {
          open.add(host.inbox);
          const close = () => {
            open.delete(host.inbox);
            return link.close();
          };
          for (const payload of kept.get(host.inbox) ?? []) link.publish(host.inbox, payload, 0);
          return { ...publishing?.(link, host), close };
        },
      };
    },
  },
  {
    what: 'connects but once after a loss',
    breaks: ['REPLAY-2', 'EPOCH-1', 'EPOCH-2'],
    tamper: () => {
      let left = Number.POSITIVE_INFINITY;
      return {
        connect: (connect) => async (host) => {
          left -= 1;
          if (left < 0) throw new Error('not connected');
          const lost = (cause: unknown) => {
            left = 1;
            host.lost(cause);
          };
          return connect({ ...host, lost });
        },
      };
    },
  },
  {
    what: 'gives a new link the subjects of the lost one with the same inbox',
    breaks: ['EPOCH-2'],
    tamper: () => {
      const subjectsOf = new Map<string, string[]>();
      return {
        link: (link, { inbox }) => {
          const own = subjectsOf.get(inbox) ?? [];
          subjectsOf.set(inbox, own);
          // A link that was lost before it was there is another clause's.
          link.subscribe(own).catch(() => {});
          return {
            subscribe: (subjects) => {
              own.push(...subjects);
              return link.subscribe(subjects);
            },
            close: () => {
              subjectsOf.delete(inbox);
              return link.close();
            },
          };
        },
      };
    },
  },
  {
    what: 'lets the lost link hear what a new one with its inbox hears',
    breaks: ['EPOCH-2'],
    tamper: () => {
      const lost = new Map<string, (subject: string, payload: Uint8Array) => void>();
      return {
        host: (host) => ({
          deliver: (subject, payload) => {
            host.deliver(subject, payload);
            lost.get(host.inbox)?.(subject, payload);
          },
          lost: (cause) => {
            lost.set(host.inbox, (subject, payload) => host.deliver(subject, payload));
            host.lost(cause);
          },
        }),
      };
    },
  },
  {
    what: 'closes with a lost link the new one that has its inbox',
    breaks: ['OWNERS-3', 'EPOCH-2'],
    tamper: () => {
      const links = new Map<string, Link>();
      return {
        link: (link, { inbox }) => {
          links.set(inbox, link);
          return { close: async () => links.get(inbox)?.close() };
        },
      };
    },
  },
];
