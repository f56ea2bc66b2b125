import { describe, expect, it } from 'vitest';
import { type Server, swarmJson } from '../src/index.ts';
import { CROSSING_MS } from '../src/machine/ownership.ts';
import { refusal } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { ending, World } from './world.ts';

/** Where the second owner of an id is: in the same process, or in another one. */
const places = ['the same process', 'another process'] as const;

async function newWorld(takeover: 'newest' | 'oldest', place: (typeof places)[number]) {
  const world = new World();
  const a = await world.server({ takeover });
  const b = place === 'the same process' ? a : await world.server({ takeover });
  for (const server of new Set([a, b])) server.on('who', (ctx) => ctx.node.data);
  const asker = await world.connect(a);
  const who = () => world.run(ending(asker.node.send('id', 'who')));
  return { world, a, b, who };
}

describe.each(places)('an id that is used again in %s', (place) => {
  it('newest: goes to the new owner, and the old client is sent away for good', async () => {
    const { world, a, b, who } = await newWorld('newest', place);
    const log: string[] = [];
    for (const server of new Set([a, b])) {
      server.events.on('joined', (id) => log.push(`joined ${id}`));
      server.events.on('left', (id, reason) => log.push(`left ${id} ${reason}`));
    }
    const old = await world.connect(a, { id: 'id', data: 'old' });
    const failed = new Promise((resolve) => old.client.events.on('failed', resolve));
    expect(await who()).toBe('old');

    await world.connect(b, { id: 'id', data: 'new' });
    await world.runtime.settle();

    expect(await who()).toBe('new');
    expect(old.near.closedWith).toEqual({ code: 4409, reason: 'replaced' });
    expect(await failed).toMatchObject(refusal('forbidden', 'no'));
    expect(old.node.isOpen).toBe(false);
    const order = place === 'the same process' ? [0, 1, 2] : [0, 2, 1];
    expect(order.map((at) => log[at])).toEqual(['joined id', 'left id replaced', 'joined id']);
    await world.close();
  });

  it('oldest: stays with the old owner, and the new client is sent away for good', async () => {
    const { world, a, b, who } = await newWorld('oldest', place);
    const old = await world.connect(a, { id: 'id', data: 'old' });
    await world.runtime.advance(CROSSING_MS);
    const [near, far] = PairedSocket.pair();
    const client = world.client(near);
    const failed = new Promise((resolve) => client.events.on('failed', resolve));

    const made = ending(b.createNode(far, { id: 'id', data: 'new', dialect: swarmJson }));
    await world.runtime.advance(0);

    if (place === 'the same process') expect(await made).toBe('forbidden/no');
    expect(await failed).toMatchObject(refusal('forbidden', 'no'));
    expect(near.closedWith).toEqual({ code: 4409, reason: 'taken' });
    expect(old.node.isOpen).toBe(true);
    expect(await who()).toBe('old');
    await world.close();
  });

  it.each(['newest', 'oldest'] as const)(
    '%s: is told to all when it is one of many',
    async (takeover) => {
      const { world, a, b } = await newWorld(takeover, place);
      const ids = ['one', 'two', 'three'];
      const all = async (server: Server, data: string) => {
        const nodes = ids.map((id) => server.createNode(PairedSocket.pair()[1], { id, data }));
        await world.run(Promise.allSettled(nodes));
      };
      await all(a, 'old');
      await world.runtime.advance(CROSSING_MS);

      await all(b, 'new');
      await world.runtime.settle();

      const asker = await world.connect(a);
      const who = ids.map((id) => world.run(ending(asker.node.send(id, 'who'))));
      const owner = takeover === 'newest' ? 'new' : 'old';
      expect(await Promise.all(who)).toEqual([owner, owner, owner]);
      await world.close();
    },
  );

  it('can be had again by anybody once its owner has left', async () => {
    for (const takeover of ['newest', 'oldest'] as const) {
      const { world, a, b, who } = await newWorld(takeover, place);
      const old = await world.connect(a, { id: 'id', data: 'old' });
      old.node.close();
      await world.runtime.settle();
      expect(await who()).toBe('unreachable/no');

      await world.connect(b, { id: 'id', data: 'new' });

      expect(await who()).toBe('new');
      await world.close();
    }
  });
});

describe('an id that changes hands at once', () => {
  it('stays reachable in the process where another node takes it over', async () => {
    const { world, a, who } = await newWorld('newest', 'the same process');
    const far = await world.server();
    far.client.on('ask', (ctx) => ctx.node.send('id', 'who'));
    const { client } = await world.connect(far);
    await world.connect(a, { id: 'id', data: 'old' });

    await world.connect(a, { id: 'id', data: 'new' });
    await world.runtime.settle();

    expect(await who()).toBe('new');
    expect(await world.run(client.send('ask'))).toBe('new');
    await world.close();
  });

  it('ends with one owner at most when two claim it in one turn', async () => {
    const { world, a, b, who } = await newWorld('newest', 'another process');

    const [first, second] = await Promise.all([
      world.connect(a, { id: 'id', data: 'a' }).catch(() => null),
      world.connect(b, { id: 'id', data: 'b' }).catch(() => null),
    ]);
    await world.runtime.settle();

    const owners = [first, second].filter((connected) => connected?.node.isOpen);
    expect(owners).toHaveLength(1);
    expect(await who()).toBe(owners[0]?.node.data);
    await world.close();
  });
});
