import { describe, expect, it } from 'vitest';
import { inboxSubject, processOf } from '../src/address.ts';
import { CONFIRM_TIMEOUT_MS } from '../src/announcer.ts';
import {
  createServer,
  type MemorySwarm,
  memory,
  type NodeOptions,
  type Server,
  type ServerOptions,
  SwarmError,
} from '../src/index.ts';
import { nth } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';
import { TamperedSwarm } from './tampered.ts';
import { ending } from './world.ts';

let pairs = 0;

/** Two servers of one swarm; the way of the first one into it can be tampered with. */
async function newPair(options: ServerOptions = {}) {
  pairs += 1;
  const url = `memory:relink-${pairs}`;
  const runtime = new FakeRuntime();
  const swarm = new TamperedSwarm(runtime, {}, url);
  const hub: MemorySwarm = memory(url, runtime);
  const open = async (via: TamperedSwarm | MemorySwarm): Promise<Server> => {
    const server = await runtime.until(createServer({ swarm: via, runtime, ...options }));
    server.on('who', (ctx) => ctx.node.data);
    return server;
  };
  const [a, b] = [await open(swarm), await open(hub)];
  /** Who answers for the id. */
  const ask = (server: Server, id: string) => runtime.until(ending(server.send(id, 'who')));
  /** The first server gets a link again. */
  const relink = async () => {
    expect(a.isLinked).toBe(false);
    await runtime.advance(SOON_MS);
    expect(a.isLinked).toBe(true);
  };
  const close = async () => {
    await Promise.all([a.close(), b.close()]);
    await runtime.settle();
    expect([runtime.timers, swarm.made - swarm.closed]).toEqual([0, 0]);
  };
  return { runtime, swarm, hub, open, a, b, ask, relink, close };
}

/** Until the next attempt has been made. */
const SOON_MS = 50;

function create(server: Server, options: NodeOptions = {}) {
  return server.createNode(PairedSocket.pair()[1], options);
}

describe('a server that gets another link', () => {
  it('asks and is asked again, by every kind of id', async () => {
    const { swarm, a, b, ask, relink, close } = await newPair();
    const [chosen, generated] = [
      await create(a, { id: 'a', data: 'a' }),
      await create(a, { data: 'x' }),
    ];
    await create(b, { id: 'b', data: 'b' });
    const all = async () => [
      await ask(b, chosen.id),
      await ask(b, generated.id),
      await ask(a, 'b'),
    ];
    expect(await all()).toEqual(['a', 'x', 'b']);

    await swarm.lose();
    expect(await all()).toEqual(['unreachable/no', 'unreachable/no', 'closed/no']);
    expect(a.emit('b', 'who')).toBe(false);

    await relink();
    expect(await all()).toEqual(['a', 'x', 'b']);
    expect(a.emit('b', 'who')).toBe(true);
    await close();
  });

  it('is found by generated ids at once, by chosen ones when they are announced', async () => {
    const { swarm, a, b, runtime, ask, relink, close } = await newPair();
    await create(a, { id: 'a', data: 'a' });
    const generated = await create(a, { data: 'x' });
    await swarm.lose();
    swarm.hold();

    await relink();
    expect([await ask(b, generated.id), await ask(b, 'a')]).toEqual(['x', 'unreachable/no']);

    swarm.release();
    await runtime.settle();
    expect([await ask(b, generated.id), await ask(b, 'a')]).toEqual(['x', 'a']);
    await close();
  });

  it('announces what was made without a link, and not what has left since', async () => {
    const { runtime, swarm, a, b, ask, relink, close } = await newPair();
    const left = await create(a, { id: 'left' });
    await swarm.lose();
    swarm.log.splice(0);

    await runtime.until(create(a, { id: 'late', data: 'late' }));
    left.close();
    await relink();

    expect(swarm.log).toEqual(['subscribe swarm.n.late']);
    expect([await ask(b, 'late'), await ask(b, 'left')]).toEqual(['late', 'unreachable/no']);
    await close();
  });

  it('has made the node whose announcement the link did not survive', async () => {
    const { runtime, swarm, a, b, ask, relink, close } = await newPair();
    swarm.hold();
    const made = create(a, { id: 'id', data: 'id' });
    await runtime.settle();

    await swarm.lose();
    await runtime.until(made);
    swarm.release();
    await relink();

    expect(await ask(b, 'id')).toBe('id');
    await close();
  });

  it('has no node made before it is announced, once it has told of the link', async () => {
    const { runtime, swarm, a, relink, close } = await newPair();
    const log: string[] = [];
    a.events.on('linked', () => {
      log.push('linked');
      void create(a, { id: 'id' }).then(() => log.push('made'));
    });
    await swarm.lose();
    swarm.hold();

    await relink();
    expect(log).toEqual(['linked']);

    swarm.release();
    await runtime.settle();
    expect(log).toEqual(['linked', 'made']);
    await close();
  });

  it('loses no answer to what it was asked as soon as it heard its inbox', async () => {
    const { runtime, swarm, a, b, close } = await newPair();
    const { id } = await create(a, { data: 'x' });
    const inbox = inboxSubject('swarm', processOf(id) as string);
    const pings: Uint8Array[] = [];
    await swarm.lose();
    swarm.swallows = (subject, payload) => subject === inbox && pings.push(payload) > 0;
    await runtime.advance(SOON_MS);
    expect([a.isLinked, pings]).toHaveLength(2);

    const asked = ending(b.send(id, 'who'));
    await runtime.settle();
    for (const ping of pings) nth(swarm.hosts, -1).deliver(inbox, ping);
    expect(a.isLinked).toBe(true);

    await runtime.advance(10_100);
    expect(await asked).toBe('x');
    await close();
  });

  it('finds the others again when all links are lost at once', async () => {
    const { runtime, hub, a, b, ask, close } = await newPair();
    await create(a, { id: 'a', data: 'a' });
    await create(b, { id: 'b', data: 'b' });

    hub.cut();
    expect([a.isLinked, b.isLinked]).toEqual([false, false]);
    expect([await ask(a, 'b'), await ask(b, 'a')]).toEqual(['closed/no', 'closed/no']);

    await runtime.advance(SOON_MS);
    expect([await ask(a, 'b'), await ask(b, 'a')]).toEqual(['b', 'a']);
    await close();
  });

  it('passes on what came to its inbox for a node that has moved', async () => {
    const { runtime, swarm, hub, open, a, b, ask, relink, close } = await newPair();
    await swarm.lose();
    await relink();
    const node = await create(a, { id: 'id', data: 'a' });
    expect(await ask(b, 'id')).toBe('a');
    const third = await open(hub);
    const log: string[] = [];
    third.on('moved', () => log.push('moved'));

    node.close();
    await create(third, { id: 'id', data: 'third' });
    b.emit('id', 'moved');
    await runtime.settle();

    expect([log, await ask(b, 'id')]).toEqual([['moved'], 'third']);
    await third.close();
    await close();
  });
});

describe('a chosen id after its link was lost', () => {
  it('stays with its owner when nobody else took it', async () => {
    const { runtime, swarm, a, b, ask, relink, close } = await newPair();
    const node = await create(a, { id: 'id', data: 'a' });

    for (let i = 0; i < 3; i += 1) {
      await swarm.lose();
      await relink();
      await runtime.advance(10_000);
      expect([node.isOpen, await ask(b, 'id')]).toEqual([true, 'a']);
    }

    await close();
  });

  it('newest: belongs to the process it moved to meanwhile; the stale owner yields', async () => {
    const { runtime, swarm, a, b, ask, relink, close } = await newPair();
    const left: string[] = [];
    a.events.on('left', (id, reason) => left.push(`${id} ${reason}`));
    const stale = await create(a, { id: 'id', data: 'a' });
    await runtime.settle();
    await swarm.lose();
    const moved = await create(b, { id: 'id', data: 'b' });
    expect(stale.isOpen).toBe(true);

    await relink();

    expect([stale.isOpen, moved.isOpen, left]).toEqual([false, true, ['id replaced']]);
    expect([await ask(a, 'id'), await ask(b, 'id')]).toEqual(['b', 'b']);
    await close();
  });

  it('newest: belongs to the last one although nobody heard of it before', async () => {
    const { swarm, a, b, ask, relink, close } = await newPair();
    const stale = await create(b, { id: 'id', data: 'b' });
    swarm.swallows = (subject) => subject === 'swarm.n.id';
    const moved = await create(a, { id: 'id', data: 'a' });
    swarm.swallows = () => false;

    await swarm.lose();
    await relink();

    expect([stale.isOpen, moved.isOpen]).toEqual([false, true]);
    expect(await ask(b, 'id')).toBe('a');
    await close();
  });

  it('newest: belongs to the last one although neither had a link when it moved', async () => {
    for (let i = 0; i < 8; i += 1) {
      const { runtime, hub, a, b, ask, close } = await newPair();
      const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
      const stale = await create(from, { id: 'id', data: 'stale' });
      // Who is back first is up to chance.
      await runtime.advance(i);
      hub.cut();
      const moved = await create(to, { id: 'id', data: 'moved' });

      await runtime.advance(SOON_MS);

      expect([stale.isOpen, moved.isOpen]).toEqual([false, true]);
      expect([await ask(a, 'id'), await ask(b, 'id')]).toEqual(['moved', 'moved']);
      await close();
    }
  });

  it('closes its client for now when the broker refuses it, and nobody else’s', async () => {
    const { runtime, swarm, a, relink, close } = await newPair({
      limits: { announcedPerCallMax: 1 },
    });
    const [, far] = PairedSocket.pair();
    const bad = await a.createNode(far, { id: 'bad' });
    const good = await create(a, { id: 'good' });
    await swarm.lose();
    swarm.hold();
    await relink();

    swarm.held.shift()?.fail(new Error('not permitted'));
    await runtime.settle();
    swarm.release();
    await runtime.settle();

    expect([bad.isOpen, good.isOpen]).toEqual([false, true]);
    expect(far.closedWith).toMatchObject({ code: 1013 });
    await close();
  });

  it('does not take the end of the link, told by the call first, for a refusal', async () => {
    const { runtime, swarm, a, b, ask, close } = await newPair();
    const node = await create(a, { id: 'id', data: 'a' });
    await swarm.lose();
    swarm.hold();
    await runtime.advance(SOON_MS);
    const end = new SwarmError('connection reset', { subtype: 'closed', delivered: 'no' });

    for (const call of swarm.held.splice(0)) call.fail(end);
    await runtime.settle();
    swarm.release();
    await swarm.lose();
    await runtime.advance(2 * SOON_MS);

    expect([node.isOpen, await ask(b, 'id')]).toEqual([true, 'a']);
    await close();
  });

  it('is announced by the next link when this one never confirms', async () => {
    const { runtime, swarm, a, b, ask, relink, close } = await newPair();
    swarm.hold();
    const made = create(a, { id: 'id', data: 'a' });

    await runtime.advance(CONFIRM_TIMEOUT_MS);
    await runtime.until(made);
    expect(a.isLinked).toBe(false);
    swarm.release();
    await relink();

    expect(await ask(b, 'id')).toBe('a');
    await close();
  });
});
