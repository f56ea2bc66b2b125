/** A process that runs one actor. It speaks with the process that forked it, and ends with it. */
import { Actor } from './actor.ts';
import type { Order, Report } from './mail.ts';

const report = (message: Report) => {
  // Without a channel, nobody is there any more.
  if (process.connected) process.send?.(message);
};

let actor: Actor | null = null;

async function obey(order: Order): Promise<void> {
  if ('start' in order) {
    actor = await Actor.start(order.start, (entry) => report({ kind: 'entry', entry }));
    return report({ kind: 'started' });
  }
  const { id, command } = order;
  try {
    report({ kind: 'done', id, result: (await actor?.do(command)) ?? null });
  } catch (error) {
    report({ kind: 'failed', id, message: String(error) });
  }
}

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit());
