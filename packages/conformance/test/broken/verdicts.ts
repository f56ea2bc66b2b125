import type { Link, LinkHost } from '@swarm/core';
import { type BrokenSwarm, every, nobody, onPublish, type Tampering } from './tamper.ts';

export const brokenVerdicts: readonly BrokenSwarm[] = [
  {
    what: 'claims verdicts and gives none',
    breaks: ['VERDICT-1', 'VERDICT-2', 'VERDICT-3', 'VERDICT-4', 'VERDICT-5'],
    tamper: () => onVerdict(() => () => {}),
  },
  {
    what: 'gives every verdict twice',
    breaks: ['VERDICT-1', 'VERDICT-2', 'VERDICT-3', 'VERDICT-4'],
    tamper: () => {
      return onVerdict((host) => (token) => {
        host.undeliverable(token);
        host.undeliverable(token);
      });
    },
  },
  {
    what: 'gives all verdicts to the link that was opened last',
    breaks: ['VERDICT-1', 'VERDICT-2', 'VERDICT-4', 'VERDICT-5'],
    tamper: () => {
      let last: LinkHost | null = null;
      return onVerdict((host) => {
        last = host;
        return (token) => last?.undeliverable(token);
      });
    },
  },
  {
    what: 'keeps 32 bits of a token',
    breaks: ['VERDICT-1'],
    tamper: () => onVerdict((host) => (token) => host.undeliverable(token >>> 0)),
  },
  {
    what: 'forgets every 300th verdict',
    breaks: ['VERDICT-2'],
    tamper: () => {
      const isForgotten = every(300);
      return onVerdict((host) => (token) => {
        if (!isForgotten()) host.undeliverable(token);
      });
    },
  },
  {
    what: 'takes every 300th publish for unheard',
    breaks: ['VERDICT-2'],
    tamper: () => {
      const isMisjudged = every(300);
      return onPublish((link, host) => (subject, payload, token) => {
        link.publish(subject, payload, token);
        if (token !== 0 && isMisjudged()) host.undeliverable(token);
      });
    },
  },
  {
    what: 'gives verdicts for the token 0',
    breaks: ['VERDICT-3'],
    tamper: () => {
      const zero = -1;
      return {
        ...onVerdict((host) => (token) => host.undeliverable(token === zero ? 0 : token)),
        ...onPublish((link) => (subject, payload, token) => {
          link.publish(subject, payload, token === 0 ? zero : token);
        }),
      };
    },
  },
  {
    what: 'takes a subject for heard that was unsubscribed',
    breaks: ['VERDICT-4'],
    tamper: (inner) => {
      let ghost: Promise<Link> | undefined;
      return {
        link: (link) => ({
          unsubscribe: async (subjects) => {
            await link.unsubscribe(subjects);
            ghost ??= inner.connect(nobody('ghost'));
            await (await ghost).subscribe(subjects);
          },
        }),
      };
    },
  },
  {
    what: 'takes the inbox of a closed link for heard',
    breaks: ['VERDICT-5'],
    tamper: (inner) => ({
      link: (link, host) => ({
        close: async () => {
          await link.close();
          await inner.connect(nobody(host.inbox));
        },
      }),
    }),
  },
  {
    what: 'gives verdicts that it does not claim',
    breaks: ['VERDICT-6'],
    tamper: ({ capabilities }) => ({ capabilities: { ...capabilities, detectsNoReceiver: false } }),
  },
];

function onVerdict(make: (host: LinkHost) => LinkHost['undeliverable']): Tampering {
  return { host: (host) => ({ undeliverable: make(host) }) };
}
