import { describe, expect, it } from 'vitest';
import { PairedSocket } from './pair.ts';
import { TamperedSwarm } from './tampered.ts';
import { ending, World } from './world.ts';

describe('a server that leaves', () => {
  it('tells whoever asks, until nobody can ask any more, that the node is not there', async () => {
    const world = new World();
    const swarm = new TamperedSwarm(world.runtime);
    const [a, b] = [await world.server({ swarm }), await world.server({ swarm })];
    const ids = [
      (await world.connect(b)).node.id,
      (await world.connect(b, { id: 'chosen' })).node.id,
    ];
    const asked: Promise<unknown>[] = [];
    const ask = () => {
      for (const id of ids) asked.push(ending(a.with({ timeoutMs: 640 }).send(id, 'load')));
    };
    b.on('load', () => 'load');
    swarm.onUnsubscribe = async () => {
      ask();
      await world.runtime.settle();
    };

    ask();
    await b.close();
    ask();
    await world.runtime.advance(1_000);

    const late = await Promise.all(asked.slice(2));
    // By name, another process may have been asked, too.
    expect(new Set(late.filter((_end, i) => i % 2 === 0))).toEqual(new Set(['unreachable/no']));
    expect(late.every((end) => String(end).startsWith('unreachable/'))).toBe(true);
    await world.close();
  });

  it('does not wait for a broker that does not answer, and leaves it all the same', async () => {
    const world = new World();
    const swarm = new TamperedSwarm(world.runtime);
    const server = await world.server({ swarm });
    swarm.onUnsubscribe = () => new Promise(() => {});

    const closing = server.close();
    await world.runtime.advance(1_000);
    await closing;

    expect([swarm.made - swarm.closed, world.runtime.timers]).toEqual([0, 0]);
  });

  it('is closed all the same when the link cannot do what it should', async () => {
    const world = new World();
    for (const failing of [
      () => Promise.reject(new Error('reset')),
      () => {
        throw new Error('reset');
      },
    ]) {
      const swarm = new TamperedSwarm(world.runtime);
      const server = await world.server({ swarm });
      swarm.onUnsubscribe = failing;

      await server.close();

      expect([server.isOpen, swarm.made - swarm.closed]).toEqual([false, 0]);
    }
  });

  it('asks for what it holds by no more than its inbox and its names', async () => {
    const world = new World();
    const swarm = new TamperedSwarm(world.runtime);
    const server = await world.server({ swarm });
    for (const id of ['one', 'two']) await server.createNode(PairedSocket.pair()[1], { id });

    await server.close();

    const left = swarm.log.find((line) => line.includes('unsubscribe swarm.p.'));
    expect(left).toMatch(/^unsubscribe swarm\.p\.[a-z2-7]{16},swarm\.n\.one,swarm\.n\.two$/);
  });
});
