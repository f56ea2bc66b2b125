import { describe, expect, it } from 'vitest';
import { memory, type Server, SwarmError, swarm1, swarmJson } from '../src/index.ts';
import { arena } from './arena.ts';
import { failure, meet, serve } from './ends.ts';

type ArenaServer = Server<typeof arena>;

/** Answers everything the arena's nodes are asked. */
function implementNode(server: ArenaServer): () => void {
  return server.client.implement({
    add: (_ctx, a, b) => a + b,
    divide: (ctx, a, b) => (b === 0 ? ctx.fail('DIVIDE_BY_ZERO', { dividend: a }) : a / b),
    greet: (_ctx, name, title) => (title === undefined ? name : `${title} ${name}`),
    length: (_ctx, count) => count,
    orders: { create: async (_ctx, order) => `one ${order.item}` },
    untold: () => ({ anything: 'goes' }),
  });
}

describe.each([swarmJson, swarm1])('a contract over $name', (dialect) => {
  it('is called by a client by property and by name', async () => {
    const server = await serve({ contract: arena });
    implementNode(server);
    const { client } = await meet(server, { contract: arena, dialect });

    expect(await client.call.add(1, 2)).toBe(3);
    expect(await client.send('add', 1, 2)).toBe(3);
    expect(await client.call.untold()).toEqual({ anything: 'goes' });
  });

  it('is called by a node of its client by property and by name', async () => {
    const server = await serve({ contract: arena });
    const { client, node } = await meet(server, { contract: arena, dialect });
    client.on('alert', (_ctx, text) => text === 'hi');

    expect(await node.client.call.alert('hi')).toBe(true);
    expect(await node.client.send('alert', 'ho')).toBe(false);
  });

  it('is called with options by property and by name', async () => {
    const server = await serve({ contract: arena });
    server.client.on('add', (ctx, a, b) => (ctx.meta['trace'] === 'x' ? a + b : 0));
    const { client } = await meet(server, { contract: arena, dialect });
    const traced = client.with({ meta: { trace: 'x' } });

    expect(await traced.call.add(1, 2)).toBe(3);
    expect(await traced.send('add', 1, 2)).toBe(3);
    expect(await client.call.add(1, 2)).toBe(0);
  });

  it('joins nested names with dots', async () => {
    const server = await serve({ contract: arena });
    const { client } = await meet(server, { contract: arena, dialect });
    server.client.on('orders.create', (ctx, { item }) => `${ctx.name} ${item}`);

    expect(await client.call.orders.create({ item: 'tea' })).toBe('orders.create tea');
    expect(await client.send('orders.create', { item: 'tea' })).toBe('orders.create tea');
  });
});

it('is called between nodes, and by servers, by property and by name', async () => {
  const swarm = memory('memory:contract-nodes');
  const [here, there] = [await serve({ swarm, contract: arena }), await serve({ swarm })];
  const untyped = await meet(there, { id: 'there' });
  const typed = await meet(here, { id: 'here', contract: arena });
  there.on('load', (ctx) => (ctx.sender === null ? 0 : 1));
  here.on('load', () => 2);

  expect(await typed.node.call('there').load()).toBe(1);
  expect(await typed.node.send('there', 'load')).toBe(1);
  expect(await typed.node.with({ timeoutMs: 1_000 }).call('there').load()).toBe(1);
  expect(await here.call('there').load()).toBe(0);
  expect(await here.send('there', 'load')).toBe(0);
  expect(await untyped.node.send('here', 'load')).toBe(2);
  expect(await untyped.node.call('here')['load']?.()).toBe(2);
});

it('is called of the clients of other nodes by property and by name', async () => {
  const server = await serve({ contract: arena });
  const ada = await meet(server, { id: 'ada', contract: arena });
  const bob = await meet(server, { id: 'bob', contract: arena });
  bob.client.on('alert', (_ctx, text) => text === 'hi');

  expect(await ada.node.remoteClient.call('bob').alert('hi')).toBe(true);
  expect(await ada.node.remoteClient.send('bob', 'alert', 'ho')).toBe(false);
  expect(await server.remoteClient.call('bob').alert('hi')).toBe(true);
  expect(await server.remoteClient.send('bob', 'alert', 'ho')).toBe(false);
});

it('lets a node have handlers of its own after those all nodes share', async () => {
  const server = await serve({ contract: arena });
  const { client, node } = await meet(server, { contract: arena });
  server.client.on('add', () => 1);
  node.client.on('add', (ctx, a, b) => Number(ctx.result) + a + b);

  expect(await client.call.add(10, 100)).toBe(111);
});

it('takes a table of handlers, nested like the names, and gives what removes them all', async () => {
  const server = await serve({ contract: arena });
  const { client } = await meet(server, { contract: arena });
  const remove = implementNode(server);
  expect(await client.call.orders.create({ item: 'tea' })).toBe('one tea');
  expect(await client.call.greet('Ada', 'Dr')).toBe('Dr Ada');

  remove();

  const calls = [client.call.add(1, 2), client.call.orders.create({ item: 'tea' })];
  for (const error of await Promise.all(calls.map(failure))) {
    expect(error).toMatchObject({ subtype: 'unhandled', delivered: 'no' });
  }
});

it('removes a table without the handlers registered beside it', async () => {
  const server = await serve({ contract: arena });
  const { client } = await meet(server, { contract: arena });
  server.client.on('add', () => 7);

  implementNode(server)();

  expect(await client.call.add(1, 2)).toBe(7);
});

it('takes a table for clients and for servers too', async () => {
  const server = await serve({ contract: arena });
  const { client, node } = await meet(server, { contract: arena, id: 'one' });
  const told: string[] = [];
  client.implement({ alert: () => true, moved: (_ctx, x, y) => told.push(`moved ${x} ${y}`) });
  server.implement({ load: () => 4, shutdown: (_ctx, reason) => told.push(reason) });

  node.client.emit('moved', 1, 2);
  server.emit('one', 'shutdown', 'night');

  expect(await node.client.call.alert('hi')).toBe(true);
  expect(await server.call('one').load()).toBe(4);
  expect(told.sort()).toEqual(['moved 1 2', 'night']);
});

describe('a call tree', () => {
  it('is no promise, so awaiting it calls nothing', async () => {
    const server = await serve({ contract: arena });
    const { client, node, near } = await meet(server, { contract: arena });
    const before = near.sent.length;

    expect(await client.call).toBe(client.call);
    expect(await node.client.call).toBeTypeOf('function');
    expect(await node.call('x').load).toBeTypeOf('function');

    for (const name of ['then', 'constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(Reflect.get(client.call, name)).toBeUndefined();
      expect(Reflect.get(client.call.orders, name)).toBeUndefined();
    }
    expect(Reflect.get(client.call, Symbol.iterator)).toBeUndefined();
    expect(near.sent).toHaveLength(before);
  });

  it('gives the same function for the same name', async () => {
    const server = await serve({ contract: arena });
    const { client } = await meet(server, { contract: arena });

    expect(client.call.orders.create).toBe(client.call.orders.create);
  });

  it('rejects, and does not throw, for a name that cannot be sent', async () => {
    const { client } = await meet(await serve());

    const error = await failure(Promise.resolve(client.call['x'.repeat(257)]?.()));
    expect(error).toBeInstanceOf(TypeError);
  });
});

describe('safe', () => {
  async function ends() {
    const server = await serve({ contract: arena });
    implementNode(server);
    return { server, ...(await meet(server, { contract: arena })) };
  }

  it('is ok with a result', async () => {
    const { client } = await ends();

    expect(await client.call.divide.safe(6, 2)).toEqual({ ok: true, result: 3 });
  });

  it('has the code and the data of a declared error', async () => {
    const { client } = await ends();

    const { ok, error } = { error: null, ...(await client.call.divide.safe(6, 0)) };

    expect(ok).toBe(false);
    expect(error).toMatchObject({
      type: 'endpoint',
      subtype: null,
      code: 'DIVIDE_BY_ZERO',
      data: { dividend: 6 },
      delivered: 'yes',
    });
    expect(SwarmError.is(error)).toBe(true);
  });

  it('has a failure of the protocol without a code', async () => {
    const { client } = await ends();

    client.close();
    const closed = { error: null, ...(await client.call.divide.safe(6, 2)) };

    expect(closed).toMatchObject({ ok: false });
    expect(closed.error).toMatchObject({
      type: 'protocol',
      subtype: 'closed',
      code: null,
      delivered: 'no',
    });
  });

  it('still rejects for a mistake of the program that asks', async () => {
    const { client } = await ends();

    const error = await failure(client.with({ timeoutMs: 0 }).call.divide.safe(6, 2));

    expect(error).toBeInstanceOf(TypeError);
  });

  it('works on every surface', async () => {
    const { server, node, client } = await ends();
    client.on('alert', (ctx) => ctx.fail('BUSY', null));

    expect(await node.client.call.alert.safe('hi')).toMatchObject({ error: { code: 'BUSY' } });
    expect(await server.remoteClient.call(node.id).alert.safe('hi')).toMatchObject({
      error: { code: 'BUSY', data: null },
    });
    expect(await server.call(node.id).load.safe()).toMatchObject({
      error: { subtype: 'unhandled', code: null },
    });
  });

  it('is there without a contract too', async () => {
    const server = await serve();
    const { client } = await meet(server);
    server.client.on('a.b', (_ctx, value) => value);

    expect(await client.call['a']?.['b']?.safe(5)).toEqual({ ok: true, result: 5 });
  });
});

it('tells events of the contract on every surface', async () => {
  const server = await serve({ contract: arena });
  const { client, node } = await meet(server, { contract: arena, id: 'one' });
  const told: unknown[] = [];
  server.client.on('clicked', (_ctx, x, y) => told.push(['clicked', x, y]));
  server.client.on('orders.gone', () => told.push(['gone']));
  server.on('shutdown', (ctx, why) => told.push(['shutdown', ctx.sender, why]));
  client.on('moved', (_ctx, x, y) => told.push(['moved', x, y]));

  client.emit('clicked', 1, 2);
  client.emit('orders.gone');
  node.client.emit('moved', 3, 4);
  node.remoteClient.emit('one', 'moved', 5, 6);
  node.emit('one', 'shutdown', 'a');
  server.emit('one', 'shutdown', 'b');
  await failure(client.call.add(1, 2));
  await failure(server.call('one').load());
  await failure(node.remoteClient.call('one').alert('hi'));

  expect(told).toHaveLength(6);
  expect(told).toEqual(
    expect.arrayContaining([
      ['clicked', 1, 2],
      ['gone'],
      ['moved', 3, 4],
      ['moved', 5, 6],
      ['shutdown', 'one', 'a'],
      ['shutdown', null, 'b'],
    ]),
  );
});
