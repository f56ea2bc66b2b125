import { describe, expect, it } from 'vitest';
import { nodeId } from '../src/address.ts';
import { createServer, LIMITS, type Node, swarmJson } from '../src/index.ts';
import { refusal, toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';
import { TamperedSwarm } from './tampered.ts';
import { ending, World } from './world.ts';

describe('createServer', () => {
  it('joins a swarm of its own by default, on the platform’s time', async () => {
    const server = await createServer();

    expect([server.isOpen, server.nodes.size, server.limits]).toEqual([true, 0, LIMITS]);
    await server.close();
  });

  it('refuses a namespace that is no plain word', async () => {
    for (const namespace of ['', 'a.b', 'a b', '*']) {
      await expect(createServer({ namespace })).rejects.toThrow(TypeError);
    }
  });

  it('refuses a swarm that carries less than a frame may take, unless frames may take less', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime, { frameBytesMax: 100_000 });

    await expect(createServer({ swarm, runtime })).rejects.toThrow(TypeError);
    const server = await runtime.until(
      createServer({ swarm, runtime, limits: { swarmFrameBytesMax: 100_000 } }),
    );
    await server.close();
  });

  it('rejects when the swarm cannot be joined', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime);
    swarm.onConnect = () => Promise.reject(new Error('refused'));

    await expect(createServer({ swarm, runtime })).rejects.toThrow('refused');
    expect(runtime.timers).toBe(0);
  });
});

describe('a server making nodes', () => {
  it('reports the node when it is ready, before its client is heard', async () => {
    const world = new World();
    const server = await world.server();
    const log: unknown[] = [];
    server.events.on('joined', (id) => log.push(`joined ${id}`));
    server.events.on('left', (id, reason) => log.push(`left ${id} ${reason}`));
    server.events.on('connection', (node) => {
      log.push(`connection ${node.id}`);
      node.client.on('early', () => log.push('early'));
    });
    const [near, far] = PairedSocket.pair();
    near.send('{"type":"event","name":"early"}');

    const node = await server.createNode(far, { id: 'me', dialect: swarmJson });
    await world.runtime.advance(0);
    far.close(1000, 'done');

    expect(log).toEqual(['joined me', 'connection me', 'early', 'left me done']);
    expect([node.isOpen, server.nodes.size]).toEqual([false, 0]);
    await world.close();
  });

  it('knows who the client is, and keeps that from changing', async () => {
    const world = new World();
    const server = await world.server();
    const { node } = await world.connect(server, { auth: { user: 'u' }, data: { count: 1 } });
    const { node: bare } = await world.connect(server);
    const { node: bytes } = await world.connect(server, { auth: new Uint8Array([1]) });

    expect([node.auth, node.data]).toEqual([{ user: 'u' }, { count: 1 }]);
    expect(Object.isFrozen(node.auth)).toBe(true);
    expect([bare.auth, bare.data]).toEqual([null, null]);
    expect(bytes.auth).toEqual(new Uint8Array([1]));
    await world.close();
  });

  it('gives an id that carries its process, and another one each time', async () => {
    const world = new World();
    const server = await world.server();
    const [a, b] = [await world.connect(server), await world.connect(server)];

    expect(a.node.id).toMatch(/^[a-z2-7]{16}-[a-z2-7]{26}$/);
    expect(a.node.id.slice(0, 16)).toBe(b.node.id.slice(0, 16));
    expect(a.node.id).not.toBe(b.node.id);
    await world.close();
  });

  it('refuses an id that no node can have, or that looks like a generated one', async () => {
    const world = new World();
    const server = await world.server();
    const generated = nodeId('a'.repeat(16), new Uint8Array(16));

    for (const id of ['', 'x'.repeat(129), '\ud800', generated]) {
      const [, far] = PairedSocket.pair();
      await expect(server.createNode(far, { id })).rejects.toThrow(TypeError);
    }
    expect(server.nodes.size).toBe(0);
    await world.close();
  });

  it('rejects when socket or server is closed meanwhile', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime);
    const server = await runtime.until(createServer({ swarm, runtime }));
    const [near, far] = PairedSocket.pair();
    const [, other] = PairedSocket.pair();
    const connections: Node[] = [];
    server.events.on('connection', (node) => connections.push(node));
    swarm.onSubscribe = async () => {
      swarm.onSubscribe = async () => {};
      far.close(1006, '');
    };

    await expect(server.createNode(far, { id: 'a' })).rejects.toMatchObject(
      refusal('closed', 'no'),
    );
    swarm.onSubscribe = () => server.close();
    await expect(server.createNode(other, { id: 'b' })).rejects.toMatchObject(
      refusal('closed', 'no'),
    );
    await expect(server.createNode(near)).rejects.toMatchObject(refusal('closed', 'no'));

    expect([connections, server.nodes.size, runtime.timers]).toEqual([[], 0, 0]);
    expect(other.closedWith).toMatchObject({ code: 1001 });
  });

  it('makes no node for a socket that was closed before', async () => {
    const world = new World();
    const server = await world.server();
    const joined: string[] = [];
    server.events.on('joined', (id) => joined.push(id));
    const late = { readyState: 3, send: () => {}, close: () => {}, on: () => {} };

    await expect(server.createNode(late)).rejects.toMatchObject(refusal('closed', 'no'));

    expect([joined, server.nodes.size]).toEqual([[], 0]);
    await world.close();
  });

  it('closes the socket when the id cannot be made reachable', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime);
    const server = await runtime.until(createServer({ swarm, runtime }));
    const [, far] = PairedSocket.pair();
    swarm.onSubscribe = () => Promise.reject(new Error('no more subscriptions'));

    await expect(server.createNode(far, { id: 'a' })).rejects.toThrow('no more subscriptions');

    expect(far.closedWith).toMatchObject({ code: 1013 });
    expect(server.nodes.size).toBe(0);
    await server.close();
    expect(runtime.timers).toBe(0);
  });

  it('openingNodesMax: refuses one more socket whose node is still being made', async () => {
    const world = new World();
    const server = await world.server({ limits: { openingNodesMax: 2 } });
    const create = () => {
      const [, far] = PairedSocket.pair();
      return { far, made: server.createNode(far) };
    };
    await Promise.all([create().made, create().made]);

    const { far, made } = create();
    await expect(made).rejects.toMatchObject(refusal('overloaded', 'no'));
    expect(far.closedWith).toMatchObject({ code: 1013 });

    await world.runtime.advance(20);
    await create().made;
    expect(server.nodes.size).toBe(3);
    await world.close();
  });

  it('openingNodesMax: counts those that wait for the swarm, too', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime);
    const server = await runtime.until(
      createServer({ swarm, runtime, limits: { openingNodesMax: 2 } }),
    );
    let subscribed = () => {};
    swarm.onSubscribe = () =>
      new Promise((resolve) => {
        subscribed = resolve;
      });
    const create = (id: string) => server.createNode(PairedSocket.pair()[1], { id });
    const made = [ending(create('a')), ending(create('b'))];

    const third = ending(create('c'));
    await runtime.settle();
    swarm.onSubscribe = async () => {};
    subscribed();
    await server.close();

    expect(await third).toBe('overloaded/no');
    await runtime.settle();
    expect(made).toHaveLength(2);
  });
});

describe('a server closing', () => {
  it('sends clients away with 1001, is told of once, and leaves nothing running', async () => {
    const world = new World();
    const server = await world.server();
    const { near } = await world.connect(server);
    let closes = 0;
    server.events.on('close', () => (closes += 1));

    await Promise.all([server.close(), server.close()]);
    await world.runtime.settle();

    expect(near.closedWith).toMatchObject({ code: 1001 });
    expect([closes, server.isOpen, server.nodes.size]).toEqual([1, false, 0]);
    expect(world.runtime.timers).toBe(0);
  });

  it('settles every request there is: to clients, to other servers, and to its own nodes', async () => {
    const world = new World();
    const [a, b] = [await world.server(), await world.server()];
    for (const server of [a, b]) server.on('never', () => new Promise(() => {}));
    const here = await world.connect(a, { id: 'here' });
    await world.connect(b, { id: 'there' });
    here.client.on('never', () => new Promise(() => {}));
    const endings = [
      ending(here.node.client.send('never')),
      ending(a.send('there', 'never')),
      ending(a.send('here', 'never')),
      ending(a.remoteClient.send('here', 'never')),
    ];
    await world.runtime.settle();

    await a.close();
    await world.runtime.settle();

    const late = new Promise((resolve) => setImmediate(() => resolve('never settled')));
    expect(await Promise.all(endings.map((end) => Promise.race([end, late])))).toEqual([
      ...['closed/unknown', 'closed/unknown', 'closed/unknown', 'closed/unknown'],
    ]);
    await world.close();
  });

  it('tells handlers that nobody waits for them any more, whoever asked', async () => {
    const world = new World();
    const [a, b] = [await world.server(), await world.server()];
    const aborted: unknown[] = [];
    a.on('wait', (ctx) => {
      ctx.signal.addEventListener('abort', () => aborted.push([ctx.sender, ctx.signal.reason]));
      return new Promise(() => {});
    });
    await world.connect(a, { id: 'here' });
    const there = await world.connect(b, { id: 'there' });
    void ending(a.send('here', 'wait'));
    void ending(there.node.send('here', 'wait'));
    await world.runtime.settle();

    await a.close();

    expect(aborted).toHaveLength(2);
    expect(aborted).toContainEqual([null, expect.objectContaining({ subtype: 'closed' })]);
    expect(aborted).toContainEqual(['there', expect.objectContaining({ subtype: 'closed' })]);
    await world.close();
  });

  it('is closed although its link does not close well', async () => {
    const runtime = new FakeRuntime();
    const swarm = new TamperedSwarm(runtime);
    const server = await runtime.until(createServer({ swarm, runtime }));
    server.on('never', () => new Promise(() => {}));
    const { node } = await connect(server);
    void ending(node.send(node.id, 'never'));
    await runtime.settle();
    swarm.onClose = () => Promise.reject(new Error('reset'));
    let closes = 0;
    server.events.on('close', () => (closes += 1));

    await ending(server.close());

    expect([closes, runtime.timers]).toEqual([1, 0]);
  });

  it('refuses calls afterwards, and leaves no timer behind for them', async () => {
    const world = new World();
    const server = await world.server();
    await server.close();

    expect(await ending(server.send('x', 'y'))).toBe('closed/no');
    expect(server.emit('x', 'y')).toBe(false);
    expect(world.runtime.timers).toBe(0);
  });
});

async function connect(server: Awaited<ReturnType<typeof createServer>>) {
  const [near, far] = PairedSocket.pair();
  near.attach({ message: (message) => void toValue(message), closed: () => {} });
  return { node: await server.createNode(far, { dialect: swarmJson }) };
}
