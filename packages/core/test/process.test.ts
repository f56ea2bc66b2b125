import { describe, expect, it } from 'vitest';
import {
  type Context,
  createServer,
  type Node,
  type ServerOptions,
  swarmJson,
} from '../src/index.ts';
import { toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';
import { TamperedSwarm } from './tampered.ts';
import { unhandledDuring } from './unhandled.ts';
import { ending } from './world.ts';

async function newServers(options: ServerOptions = {}) {
  const runtime = new FakeRuntime();
  const swarm = new TamperedSwarm(runtime);
  const make = () => runtime.until(createServer({ swarm, runtime, ...options }));
  const [a, b] = [await make(), await make()];
  for (const server of [a, b]) {
    server.on('load', () => 'load');
    server.on('never', () => new Promise(() => {}));
  }
  const create = async (server: typeof a, id: string) => {
    const [near, far] = PairedSocket.pair();
    const heard: unknown[] = [];
    near.attach({ message: (message) => heard.push(toValue(message)), closed: () => {} });
    return { node: await server.createNode(far, { id, dialect: swarmJson }), near, far, heard };
  };
  const close = async () => {
    await Promise.all([a.close(), b.close()]);
    await runtime.settle();
    expect(runtime.timers).toBe(0);
  };
  return { runtime, swarm, a, b, create, close };
}

describe('a process whose link is lost', () => {
  it('settles at once what went by it, and refuses what needs it', async () => {
    const { runtime, swarm, a, b, create, close } = await newServers();
    await create(b, 'far');
    const flying = ending(a.send('far', 'never'));
    await runtime.settle();

    await swarm.lose();

    expect(await flying).toBe('closed/unknown');
    expect(await ending(a.send('far', 'load'))).toBe('closed/no');
    expect(a.emit('far', 'load')).toBe(false);
    await close();
  });

  it('aborts what others asked', async () => {
    const { runtime, swarm, a, b, create, close } = await newServers();
    const reasons: unknown[] = [];
    b.on('wait', (ctx: Context<Node>) => {
      ctx.signal.addEventListener('abort', () => reasons.push(ctx.signal.reason));
      return new Promise(() => {});
    });
    await create(b, 'far');
    void ending(a.send('far', 'wait'));
    await runtime.settle();

    await swarm.lose();

    expect(reasons).toMatchObject([{ subtype: 'closed' }]);
    await close();
  });

  it('goes on between its own nodes, and with their clients', async () => {
    const { runtime, swarm, a, create, close } = await newServers();
    const { node, far } = await create(a, 'here');
    await runtime.advance(0);
    a.client.on('add', (_ctx, x: number) => x + 1);
    await swarm.lose();

    const local = ending(node.send('here', 'load'));
    far.arrive('{"type":"request","correlationId":"q","name":"add","args":[1]}');
    await runtime.settle();

    expect(await local).toBe('load');
    expect(far.sent.map(toValue)).toContainEqual({
      type: 'response',
      correlationId: 'q',
      result: 2,
    });
    await close();
  });

  it('still makes nodes for clients that come', async () => {
    const { swarm, a, create, close } = await newServers();
    await swarm.lose();

    const { node } = await create(a, 'late');

    expect(a.nodes.get('late')).toBe(node);
    await close();
  });
});

describe('a process and its broker', () => {
  it('is overloaded while the broker pushes back', async () => {
    const { runtime, swarm, a, b, create, close } = await newServers();
    await create(b, 'far');

    swarm.press(true);
    expect(await ending(a.send('far', 'load'))).toBe('overloaded/no');
    expect(a.emit('far', 'load')).toBe(false);

    swarm.press(false);
    const asked = ending(a.send('far', 'load'));
    await runtime.settle();
    expect(await asked).toBe('load');
    await close();
  });

  it('announces chosen ids only, and withdraws them when they have left', async () => {
    const { runtime, swarm, a, create, close } = await newServers({ namespace: 'app' });
    const { far } = await create(a, 'me.too');
    await a.createNode(PairedSocket.pair()[1]);

    far.close(1000, '');
    await runtime.settle();

    expect(swarm.log).toEqual(['subscribe app.n.me=2etoo', 'unsubscribe app.n.me=2etoo']);
    await close();
  });

  it('survives a withdrawal that fails: the link may be gone by then', async () => {
    const { runtime, swarm, a, create, close } = await newServers();
    const { far } = await create(a, 'me');
    swarm.onUnsubscribe = () => Promise.reject(new Error('no link'));

    const unhandled = await unhandledDuring(async () => {
      far.close(1000, '');
      await runtime.settle();
    });

    expect(unhandled).toEqual([]);
    await close();
  });

  it('does not withdraw an id that a new node has taken over', async () => {
    const { runtime, swarm, a, create, close } = await newServers();
    await create(a, 'me');
    await create(a, 'me');
    await runtime.settle();

    expect(swarm.log).toEqual(['subscribe swarm.n.me']);
    await close();
  });

  it('keeps applications of different namespaces apart', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime);
    const one = await runtime.until(createServer({ swarm, runtime, namespace: 'one' }));
    const two = await runtime.until(createServer({ swarm, runtime, namespace: 'two' }));
    await two.createNode(PairedSocket.pair()[1], { id: 'me' });

    const asked = ending(one.send('me', 'load'));
    await runtime.settle();

    expect(await asked).toBe('unreachable/no');
    await Promise.all([one.close(), two.close()]);
  });
});

describe('what a process runs around handlers', () => {
  it('is the middleware of the moment, for all three kinds of request', async () => {
    const { runtime, a, create, close } = await newServers();
    const { node, far } = await create(a, 'here');
    await runtime.advance(0);
    const log: string[] = [];
    const remove = a.use((ctx, next) => {
      log.push(`${ctx.kind} ${ctx.name}`);
      return next();
    });
    a.use((ctx, next) => {
      log.push(`inner ${ctx.name}`);
      return next();
    });

    far.arrive('{"type":"event","name":"a"}');
    node.emit('here', 'b');
    node.remoteClient.emit('here', 'c');
    await runtime.settle();
    remove();
    remove();
    node.emit('here', 'd');
    await runtime.settle();

    expect(log).toEqual([
      ...['client a', 'inner a', 'server b', 'inner b', 'remoteClient c', 'inner c', 'inner d'],
    ]);
    await close();
  });

  it('tells of the errors of events, which nobody waits for', async () => {
    const { runtime, a, create, close } = await newServers();
    const { node, far } = await create(a, 'here');
    await runtime.advance(0);
    const errors: unknown[] = [];
    a.events.on('error', (error, ctx) => errors.push([error, ctx.name, ctx.node.id]));
    a.client.on('bad', () => {
      throw new Error('from a client');
    });
    a.on('bad', () => Promise.reject('from a node'));

    far.arrive('{"type":"event","name":"bad"}');
    node.emit('here', 'bad');
    await runtime.settle();

    expect(errors).toEqual([
      [new Error('from a client'), 'bad', 'here'],
      ['from a node', 'bad', 'here'],
    ]);
    await close();
  });

  it('deliveriesPerTurnMax: does not keep timers from running', async () => {
    const max = 64;
    const limits = { deliveriesPerTurnMax: max };
    const { runtime, a, create, close } = await newServers({ limits });
    await create(a, 'ping');
    await create(a, 'pong');
    let rounds = 0;
    a.on('ball', (ctx) => {
      rounds += 1;
      ctx.node.emit(ctx.node.id === 'ping' ? 'pong' : 'ping', 'ball');
    });

    a.emit('ping', 'ball');
    await runtime.settle();
    // Setting up has had its part of the turn. The delivery that reaches the bound has asked for
    // the next one before it is counted.
    expect(rounds).toBeGreaterThan(max / 2);
    expect(rounds).toBeLessThanOrEqual(max + 1);

    expect(runtime.nextTimerMs).toBe(runtime.nowMs());
    await close();
  });
});
