import { type BrokenSwarm, never, onceOver } from './tamper.ts';

export const brokenLosses: readonly BrokenSwarm[] = [
  {
    what: 'reports a loss twice',
    breaks: ['LOSS-1'],
    tamper: () => {
      return {
        host: (host) => ({
          lost: (cause) => {
            host.lost(cause);
            host.lost(cause);
          },
        }),
      };
    },
  },
  {
    what: 'reports a loss without a cause',
    breaks: ['LOSS-1'],
    tamper: () => ({ host: (host) => ({ lost: () => host.lost(undefined) }) }),
  },
  {
    what: 'reports a loss to one link only',
    breaks: ['LOSS-1', 'LOSS-2', 'LOSS-3', 'REPLAY-2', 'EPOCH-1'],
    tamper: () => {
      let isFirst = true;
      return {
        host: (host) => ({
          lost: (cause) => {
            if (isFirst) host.lost(cause);
            isFirst = false;
          },
        }),
      };
    },
  },
  {
    what: 'does not report it when more than five links are lost at once',
    breaks: ['LOSS-3'],
    tamper: () => {
      let left = 5;
      return {
        host: (host) => ({
          lost: (cause) => {
            left -= 1;
            if (left >= 0) host.lost(cause);
          },
        }),
      };
    },
  },
  {
    what: 'delivers what was on its way after it has reported the loss',
    breaks: ['LOSS-1'],
    tamper: () => {
      return {
        host: (host) => {
          let last: (() => void) | null = null;
          return {
            deliver: (subject, payload) => {
              last = () => host.deliver(subject, payload);
              last();
            },
            lost: (cause) => {
              host.lost(cause);
              last?.();
            },
          };
        },
      };
    },
  },
  {
    what: 'never settles a subscribe that was under way at a loss',
    breaks: ['LOSS-2'],
    tamper: () => {
      return onceOver((link, state) => ({
        subscribe: async (subjects) => {
          await link.subscribe(subjects);
          // Many take a turn.
          if (subjects.length === 100) await new Promise((resolve) => setImmediate(resolve));
          if (state.isLost) await never();
        },
      }));
    },
  },
  {
    what: 'reports a loss again when the lost link is closed',
    breaks: ['LOSS-1'],
    tamper: () => {
      return onceOver((link, state, host) => ({
        close: async () => {
          await link.close();
          if (state.isLost) host.lost(new Error('not connected'));
        },
      }));
    },
  },
  {
    what: 'throws when something is published after a loss',
    breaks: ['LOSS-2', 'LOSS-3', 'REPLAY-2'],
    tamper: () => {
      return onceOver((link, state) => ({
        publish: (subject, payload, token) => {
          if (state.isLost) throw new Error('not connected');
          link.publish(subject, payload, token);
        },
      }));
    },
  },
  {
    what: 'never settles a subscribe after a loss',
    breaks: ['LOSS-2'],
    tamper: () => {
      return onceOver((link, state) => ({
        subscribe: (subjects) => (state.isLost ? never() : link.subscribe(subjects)),
      }));
    },
  },
  {
    what: 'never resolves the close of a lost link',
    breaks: ['LOSS-1', 'LOSS-2', 'EPOCH-2'],
    tamper: () => {
      return onceOver((link, state) => ({
        close: () => (state.isLost ? never() : link.close()),
      }));
    },
  },
  {
    what: 'gives verdicts for what is published after a loss',
    breaks: ['LOSS-2'],
    tamper: () => {
      return onceOver((link, state, host) => ({
        publish: (subject, payload, token) => {
          if (state.isLost && token > 0) host.undeliverable(token);
          else link.publish(subject, payload, token);
        },
      }));
    },
  },
];
