import { describe, expect, it } from 'vitest';
import type { Context, Node } from '../src/index.ts';
import { refusal } from './hosts.ts';
import { ending, World } from './world.ts';

/** Two servers that do the same, and a client `one` of the first and `two` of the second. */
async function newWorld() {
  const world = new World();
  const [a, b] = [await world.server(), await world.server()];
  for (const server of [a, b]) {
    server.client.on('add', (_ctx, x: number, y: number) => x + y);
    server.on('load', (ctx) => [ctx.node.id, ctx.sender]);
    server.on('never', () => new Promise(() => {}));
  }
  const one = await world.connect(a, { id: 'one' });
  const two = await world.connect(b, { id: 'two' });
  const near = await world.connect(a, { id: 'near' });
  for (const [client, name] of [
    [one.client, 'one'],
    [two.client, 'two'],
    [near.client, 'near'],
  ] as const) {
    client.on('alert', (_ctx, text) => `${name} heard ${text}`);
  }
  return { world, a, b, one, two, near };
}

describe('a client request', () => {
  it('is answered by the client’s own node, and by the client', async () => {
    const { world, one } = await newWorld();

    expect(await world.run(one.client.send('add', 1, 2))).toBe(3);
    expect(await world.run(one.node.client.send('alert', 'hi'))).toBe('one heard hi');
    await world.close();
  });

  it('is unhandled where nobody answers the name, and refused where a handler says no', async () => {
    const { world, a, one } = await newWorld();
    a.client.on('refuse', (ctx) => ctx.fail('NOT_YOU', { id: ctx.node.id }));

    await expect(world.run(one.client.send('unknown'))).rejects.toMatchObject(
      refusal('unhandled', 'no'),
    );
    await expect(world.run(one.node.client.send('unknown'))).rejects.toMatchObject({
      ...{ subtype: 'unhandled', data: { requestName: 'unknown' } },
    });
    await expect(world.run(one.client.send('refuse'))).rejects.toMatchObject({
      ...{ type: 'endpoint', code: 'NOT_YOU', data: { id: 'one' }, delivered: 'yes' },
    });
    await world.close();
  });

  it('carries meta and a deadline to the handlers', async () => {
    const { world, a, one } = await newWorld();
    a.client.on('look', (ctx) => [ctx.meta, ctx.deadlineMs, ctx.kind, ctx.sender]);

    const look = await world.run(
      one.client.with({ timeoutMs: 500, meta: { trace: 't' } }).send('look'),
    );

    expect(look).toEqual([{ trace: 't' }, world.runtime.nowMs() + 500, 'client', null]);
    await world.close();
  });

  it('aborts the handlers when the client gives up, or goes', async () => {
    const { world, a, one } = await newWorld();
    const reasons: unknown[] = [];
    a.client.on('wait', (ctx: Context<Node>) => {
      ctx.signal.addEventListener('abort', () => reasons.push(ctx.signal.reason));
      return new Promise(() => {});
    });
    const controller = new AbortController();
    const cancelled = ending(one.client.with({ signal: controller.signal }).send('wait'));
    const lost = ending(one.client.send('wait'));
    await world.runtime.settle();

    controller.abort();
    expect(await cancelled).toBe('cancelled/unknown');
    await world.runtime.settle();
    expect(reasons).toMatchObject([{ subtype: 'cancelled' }]);

    one.near.close(1006, '');
    expect(await lost).toBe('closed/unknown');
    await world.runtime.settle();
    expect(reasons).toMatchObject([{ subtype: 'cancelled' }, { subtype: 'closed' }]);
    await world.close();
  });
});

describe('a server request', () => {
  it('reaches a node wherever it lives, from a node or the server itself', async () => {
    const { world, a, one, two, near } = await newWorld();

    expect(await world.run(one.node.send('two', 'load'))).toEqual(['two', 'one']);
    expect(await world.run(one.node.send('near', 'load'))).toEqual(['near', 'one']);
    expect(await world.run(one.node.send('one', 'load'))).toEqual(['one', 'one']);
    expect(await world.run(a.send('two', 'load'))).toEqual(['two', null]);
    expect(await world.run(a.send(near.node.id, 'load'))).toEqual(['near', null]);
    expect(await world.run(two.node.with({ timeoutMs: 100 }).send('one', 'load'))).toEqual([
      'one',
      'two',
    ]);
    await world.close();
  });

  it('reaches a node with a generated id by that alone', async () => {
    const { world, b, one } = await newWorld();
    const { node } = await world.connect(b);

    expect(await world.run(one.node.send(node.id, 'load'))).toEqual([node.id, 'one']);
    await world.close();
  });

  it('gives its handlers the time it has, wherever they are', async () => {
    const { world, a, b, one } = await newWorld();
    for (const server of [a, b]) server.on('until', (ctx) => ctx.deadlineMs);

    for (const id of ['two', 'near']) {
      const until = await world.run(one.node.with({ timeoutMs: 500 }).send(id, 'until'));
      expect(until).toBe(world.runtime.nowMs() + 500);
    }
    await world.close();
  });

  it('is unreachable for a node that is nowhere, or left', async () => {
    const { world, a, b, two } = await newWorld();
    const { node } = await world.connect(b);
    two.node.close();
    node.close();
    await world.runtime.settle();

    for (const id of ['nobody', 'two', node.id]) {
      expect(await world.run(ending(a.send(id, 'load')))).toBe('unreachable/no');
    }
    await world.close();
  });

  it('times out in time, and tells its handlers', async () => {
    const { world, a } = await newWorld();
    const before = world.runtime.timers;
    const endings = ['two', 'one'].map((id) =>
      ending(a.with({ timeoutMs: 640 }).send(id, 'never')),
    );

    await world.runtime.advance(1_000);

    expect(await Promise.all(endings)).toEqual(['timeout/unknown', 'timeout/unknown']);
    expect(world.runtime.timers).toBe(before);
    await world.close();
  });

  it('runs events in nodes, and says whether they may have left', async () => {
    const { world, a, b, one } = await newWorld();
    const heard: unknown[][] = [];
    for (const server of [a, b]) {
      server.on('moved', (ctx, x) => heard.push([ctx.node.id, ctx.sender, ctx.isEvent, x]));
    }

    expect(one.node.emit('two', 'moved', 1)).toBe(true);
    expect(one.node.with({}).emit('near', 'moved', 2)).toBe(true);
    expect(a.emit('two', 'moved', 3)).toBe(true);
    await world.runtime.settle();

    expect(heard).toHaveLength(3);
    expect(heard).toContainEqual(['near', 'one', true, 2]);
    expect(heard.filter(([id]) => id === 'two')).toEqual([
      ['two', 'one', true, 1],
      ['two', null, true, 3],
    ]);
    await world.close();
  });

  it('goes to the node’s own handlers after the shared ones', async () => {
    const { world, b, one, two } = await newWorld();
    b.on('both', () => 'shared');
    const remove = two.node.on('both', (ctx) => [ctx.result, 'own']);

    expect(await world.run(one.node.send('two', 'both'))).toEqual(['shared', 'own']);
    remove();
    expect(await world.run(one.node.send('two', 'both'))).toBe('shared');
    await world.close();
  });
});
