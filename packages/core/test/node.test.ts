import { describe, expect, it } from 'vitest';
import { createServer, memory } from '../src/index.ts';
import { PairedSocket } from './pair.ts';
import { ending, World } from './world.ts';

async function newNode() {
  const world = new World();
  const server = await world.server();
  return { world, server, ...(await world.connect(server, { id: 'me' })) };
}

describe('Node', () => {
  it('answers its client by shared handlers, then by its own', async () => {
    const { world, server, client, node } = await newNode();
    server.client.on('both', () => 'shared');
    const remove = node.client.on('both', (ctx) => [ctx.result, ctx.node.id]);
    const removeTable = node.client.implement({ deep: { own: () => 'own' } });

    expect(await world.run(client.send('both'))).toEqual(['shared', 'me']);
    expect(await world.run(client.send('deep.own'))).toBe('own');

    remove();
    removeTable();
    expect(await world.run(client.send('both'))).toBe('shared');
    expect(await world.run(ending(client.send('deep.own')))).toBe('unhandled/no');
    await world.close();
  });

  it('shares its own handlers with no other node', async () => {
    const { world, server, node } = await newNode();
    const other = await world.connect(server);
    node.client.on('own', () => 'own');
    node.on('own', () => 'own');

    expect(await world.run(ending(other.client.send('own')))).toBe('unhandled/no');
    expect(await world.run(ending(node.send(other.node.id, 'own')))).toBe('unhandled/no');
    await world.close();
  });

  it('asks its client, and tells it, as it was told to', async () => {
    const { world, client, node } = await newNode();
    const heard: unknown[] = [];
    client.on('moved', (ctx, x) => void heard.push([x, ctx.meta]));
    client.on('never', () => new Promise(() => {}));
    const quick = node.client.with({ meta: { t: '1' } }).with({ timeoutMs: 100 });

    expect(node.client.emit('moved', 1)).toBe(true);
    expect(quick.emit('moved', 2)).toBe(true);
    const late = ending(quick.send('never'));
    await world.runtime.advance(200);

    expect(heard).toEqual([
      [1, {}],
      [2, { t: '1' }],
    ]);
    expect(await late).toBe('timeout/unknown');
    await world.close();
  });

  it('takes handlers of every kind by table', async () => {
    const { world, server, node } = await newNode();
    server.implement({ load: () => 'load' });
    server.client.implement({ hello: () => 'hello' });
    const remove = server.remoteClient.implement({ hi: (ctx) => ctx.answer('shared') });
    node.remoteClient.implement({ hey: (ctx) => ctx.answer('own') });

    expect(await world.run(node.send('me', 'load'))).toBe('load');
    expect(await world.run(node.remoteClient.send('me', 'hi'))).toBe('shared');
    expect(await world.run(server.remoteClient.send('me', 'hey'))).toBe('own');
    remove();
    expect(await world.run(ending(node.remoteClient.send('me', 'hi')))).toBe('unhandled/no');
    await world.close();
  });

  it('closes for good: the client does not come back', async () => {
    const { world, client, node, near } = await newNode();
    const closes: unknown[] = [];
    node.events.on('close', (code, reason) => closes.push([code, reason]));
    const failed = new Promise((resolve) => client.events.on('failed', resolve));

    node.close();
    node.close();

    expect(node.isOpen).toBe(false);
    expect(closes).toEqual([[1000, expect.any(String)]]);
    expect(await failed).toMatchObject({ subtype: 'closed' });
    expect(near.closedWith).toMatchObject({ code: 1000 });
    expect(await ending(node.client.send('x'))).toBe('closed/no');
    expect(node.client.emit('x')).toBe(false);
    await world.close();
  });

  it('closes with a code and a reason of the application', async () => {
    const { world, client, node, near } = await newNode();
    const failed = new Promise((resolve) => client.events.on('failed', resolve));

    node.close(4001, 'kicked');

    expect(await failed).toMatchObject({ message: 'kicked' });
    expect(near.closedWith).toEqual({ code: 4001, reason: 'kicked' });
    await world.close();
  });

  it('refuses to close with a code or reason that no close frame may carry', async () => {
    const { world, node } = await newNode();

    for (const code of [0, 999, 1005, 1006, 5000])
      expect(() => node.close(code)).toThrow(TypeError);
    expect(() => node.close(4000, 'x'.repeat(124))).toThrow(TypeError);

    expect(node.isOpen).toBe(true);
    await world.close();
  });

  it('is told when its client goes', async () => {
    const { world, node, near } = await newNode();
    const closes: unknown[] = [];
    node.events.on('close', (code, reason) => closes.push([code, reason, node.isOpen]));

    near.close(1001, 'bye');
    await world.runtime.settle();

    expect(closes).toEqual([[1001, 'bye', false]]);
    await world.close();
  });

  it('still asks other nodes after its client has gone, while its handlers finish', async () => {
    const { world, server, node, near } = await newNode();
    await world.connect(server, { id: 'other' });
    server.on('load', (ctx) => ctx.sender);
    near.close(1001, '');
    await world.runtime.settle();

    expect(await world.run(node.send('other', 'load'))).toBe('me');
    await world.close();
  });
});

it('takes bytes for auth, which cannot be frozen', async () => {
  const server = await createServer({ swarm: memory('memory:bytes') });
  const [socket] = PairedSocket.pair();

  const node = await server.createNode(socket, { auth: new Uint8Array([1]) });

  expect(node.auth).toEqual(new Uint8Array([1]));
  await server.close();
});
