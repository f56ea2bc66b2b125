import { describe, expect, it } from 'vitest';
import type { Context, Node } from '../src/index.ts';
import { ending, World } from './world.ts';

/** A client `two` that says what it hears, of another server than the node `one` that asks it. */
async function newWorld() {
  const world = new World();
  const [a, b] = [await world.server(), await world.server()];
  const one = await world.connect(a, { id: 'one' });
  const two = await world.connect(b, { id: 'two' });
  two.client.on('alert', (ctx, ...args) => ({ heard: args, meta: ctx.meta, event: ctx.isEvent }));
  two.client.on('refuse', (ctx) => ctx.fail('NO', 1));
  two.client.on('never', () => new Promise(() => {}));
  const ask = (...args: unknown[]) => {
    return world.run(one.node.remoteClient.send('two', 'alert', ...args));
  };
  return { world, a, b, one, two, ask };
}

const heard = (...args: unknown[]) => ({ heard: args, meta: {}, event: false });

describe('a remote client request', () => {
  it('goes through the node to its client, and back', async () => {
    const { world, a, ask } = await newWorld();

    expect(await ask('hi', 1)).toEqual(heard('hi', 1));
    expect(await world.run(a.remoteClient.send('two', 'alert'))).toEqual(heard());
    await world.close();
  });

  it('is rewritten by the handlers of that node, shared ones first', async () => {
    const { world, b, two, ask } = await newWorld();
    b.remoteClient.on('alert', (ctx, text) => [`from ${ctx.sender}: ${text}`]);
    two.node.remoteClient.on('alert', (_ctx, text) => [text, 'own']);

    expect(await ask('hi')).toEqual(heard('from one: hi', 'own'));
    await world.close();
  });

  it('is passed on as it came where handlers return undefined, as one argument where no list', async () => {
    const { world, b, ask } = await newWorld();
    const remove = b.remoteClient.on('alert', () => undefined);
    expect(await ask('hi')).toEqual(heard('hi'));

    remove();
    b.remoteClient.on('alert', () => 'other');
    expect(await ask('hi')).toEqual(heard('other'));
    await world.close();
  });

  it('is answered by the node where that says so, and the client not asked', async () => {
    const { world, b, two, ask } = await newWorld();
    b.remoteClient.on('alert', (ctx) => ctx.answer('instead'));

    expect(await ask('hi')).toBe('instead');
    expect(two.far.sent.join('')).not.toContain('alert');
    await world.close();
  });

  it('is refused by the node', async () => {
    const { world, b, ask } = await newWorld();
    b.remoteClient.on('alert', (ctx) => ctx.fail('BUSY'));

    await expect(ask('hi')).rejects.toMatchObject({ type: 'endpoint', code: 'BUSY' });
    await world.close();
  });

  it('fails as the client fails: that is the outcome of the whole exchange', async () => {
    const { world, one } = await newWorld();
    const { remoteClient } = one.node;

    await expect(world.run(remoteClient.send('two', 'refuse'))).rejects.toMatchObject({
      ...{ type: 'endpoint', code: 'NO', data: 1, delivered: 'yes' },
    });
    expect(await world.run(ending(remoteClient.send('two', 'unknown')))).toBe('unhandled/no');
    expect(await world.run(ending(remoteClient.send('nobody', 'alert')))).toBe('unreachable/no');
    await world.close();
  });

  it('is closed when the client goes, cancelled when the asking end gives up', async () => {
    const { world, one, two } = await newWorld();
    const controller = new AbortController();
    const { signal } = controller;
    const cancelled = ending(one.node.remoteClient.with({ signal }).send('two', 'never'));
    const lost = ending(one.node.remoteClient.send('two', 'never'));
    await world.runtime.settle();

    controller.abort();
    await world.runtime.settle();
    expect(await cancelled).toBe('cancelled/unknown');
    expect(two.far.sent.at(-1)).toContain('cancel');

    two.near.close(1006, '');
    await world.runtime.settle();
    expect(await lost).toBe('closed/unknown');
    await world.close();
  });

  it('lets middleware see the client’s answer as a value', async () => {
    const { world, b, ask } = await newWorld();
    b.use(async (ctx: Context<Node>, next) => {
      const result = await next(['seen']);
      return [ctx.kind, result];
    });

    expect(await ask('hi')).toEqual(['remoteClient', heard('seen')]);
    await world.close();
  });

  it('is overloaded, and not delivered, where the client’s socket is full', async () => {
    const world = new World();
    const server = await world.server({ limits: { socketBufferBytesMax: 10 } });
    const { node, far } = await world.connect(server);
    far.bufferedBytes = 11;

    const asked = ending(server.remoteClient.send(node.id, 'alert'));
    await world.runtime.settle();

    expect(await asked).toBe('overloaded/no');
    await world.close();
  });

  it('is the node’s failure where its handlers make arguments that nobody can say', async () => {
    const { world, b, ask } = await newWorld();
    b.remoteClient.on('alert', (_ctx, text) => [text, 1n]);

    await expect(ask('hi')).rejects.toMatchObject({ type: 'endpoint' });
    await world.close();
  });
});

describe('a remote client event', () => {
  it('goes through the node to its client', async () => {
    const { world, a, b, one, two } = await newWorld();
    const events: unknown[] = [];
    two.client.on('moved', (ctx, ...args) => void events.push([args, ctx.meta, ctx.isEvent]));
    b.remoteClient.on('moved', (_ctx, x: number) => [x + 1]);

    expect(one.node.remoteClient.with({ meta: { t: '1' } }).emit('two', 'moved', 1)).toBe(true);
    expect(a.remoteClient.emit('two', 'moved', 5)).toBe(true);
    await world.runtime.settle();

    expect(events).toEqual([
      [[2], { t: '1' }, true],
      [[6], {}, true],
    ]);
    await world.close();
  });

  it('is dropped where the client cannot take it, and the server told of the error', async () => {
    const world = new World();
    const server = await world.server({ limits: { socketBufferBytesMax: 10 } });
    const { node, far } = await world.connect(server);
    const errors: unknown[] = [];
    server.events.on('error', (error, ctx) => errors.push([error, ctx.name]));
    far.bufferedBytes = 11;

    server.remoteClient.emit(node.id, 'moved', 1);
    await world.runtime.settle();

    expect(errors).toMatchObject([[{ subtype: 'overloaded' }, 'moved']]);
    await world.close();
  });

  it('goes through middleware, which gets null for the answer there is not', async () => {
    const { world, b, one, two } = await newWorld();
    const [events, results]: unknown[][] = [[], []];
    two.client.on('moved', (_ctx, x) => void events?.push(x));
    b.use(async (_ctx: Context<Node>, next) => void results?.push(await next()));

    one.node.remoteClient.emit('two', 'moved', 1);
    await world.runtime.settle();

    expect([events, results]).toEqual([[1], [null]]);
    await world.close();
  });
});
