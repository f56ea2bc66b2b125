import { describe, expect, it } from 'vitest';
import { createClient, type SwarmError } from '../src/index.ts';
import { refusal, toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';
import { ending, World } from './world.ts';

/** A client over a socket whose other end is in the hands of the test. */
function newClient(options: Parameters<typeof createClient>[1] = {}) {
  const runtime = new FakeRuntime();
  const [near, far] = PairedSocket.pair();
  const client = createClient(near, { runtime, ...options });
  const log: unknown[] = [];
  client.events.on('open', () => log.push('open'));
  client.events.on('close', ({ code, reason }) => log.push(`close ${code} ${reason}`));
  client.events.on('reconnecting', () => log.push('reconnecting'));
  client.events.on('failed', (error: SwarmError) => log.push(`failed ${error.subtype}`));
  const receive = (message: object) => near.arrive(JSON.stringify(message));
  const sent = () => near.sent.splice(0).map(toValue);
  return { runtime, near, far, client, log, receive, sent };
}

describe('a client before its conversation is open', () => {
  it('keeps calls in order until then', async () => {
    const { client, log, receive, sent } = newClient();
    const asked = client.send('add', 1);
    client.emit('moved', 2);
    expect([client.isOpen, sent()]).toEqual([false, []]);

    receive({ type: 'init' });
    receive({ type: 'response', correlationId: '1', result: 3 });

    expect(sent()).toMatchObject([
      { type: 'request', name: 'add' },
      { type: 'event', name: 'moved' },
    ]);
    expect([await asked, client.isOpen, log]).toEqual([3, true, ['open']]);
  });

  it('keeps calls as they were made, whatever becomes of their values', () => {
    const { client, receive, sent } = newClient();
    const [list, meta] = [[1], { trace: '1' }];
    client.with({ meta }).emit('moved', list);

    list.push(2);
    meta.trace = '2';
    receive({ type: 'init' });

    expect(sent()).toMatchObject([{ name: 'moved', args: [[1]], meta: { trace: '1' } }]);
  });

  it('learns the id of its node from the other end, if that tells', async () => {
    const world = new World();
    const server = await world.server();
    const { client: told } = await world.connect(server, { id: 'me' });
    const { client: untold, receive } = newClient();
    expect(untold.id).toBeNull();

    receive({ type: 'init' });

    expect([told.id, untold.id]).toEqual(['me', null]);
    await world.close();
  });

  it('lets deadlines run', async () => {
    const { client, runtime, receive, sent } = newClient();
    const asked = ending(client.with({ timeoutMs: 100 }).send('add'));

    await runtime.advance(200);
    receive({ type: 'init' });

    expect(await asked).toBe('timeout/no');
    expect(sent()).toEqual([]);
  });

  it('waitingFramesMax: refuses to keep more', async () => {
    const { client, receive } = newClient({ limits: { waitingFramesMax: 2 } });
    client.emit('a');
    const kept = client.send('b');

    expect(client.emit('c')).toBe(false);
    expect(await ending(client.send('c'))).toBe('overloaded/no');

    receive({ type: 'init' });
    receive({ type: 'response', correlationId: '1', result: 'b' });
    expect(await kept).toBe('b');
  });

  it('is ready when it is open', async () => {
    const { client, receive } = newClient();
    const waiting = client.ready();

    receive({ type: 'init' });

    await expect(Promise.all([waiting, client.ready()])).resolves.toEqual([undefined, undefined]);
  });

  it('is not ready in the time to get open, and then goes on trying where it can', async () => {
    const sockets: PairedSocket[] = [];
    const runtime = new FakeRuntime();
    const client = createClient(
      () => {
        const [near] = PairedSocket.pair();
        sockets.push(near);
        return near;
      },
      { runtime, openTimeoutMs: 1_000 },
    );
    const waiting = ending(client.ready());

    await runtime.advance(999);
    expect(sockets).toHaveLength(1);
    await runtime.advance(2_000);
    expect(await waiting).toBe('timeout/no');
    expect(sockets[0]?.closedWith).toMatchObject({ code: 4408 });
    expect(sockets.length).toBeGreaterThan(1);

    const again = client.ready();
    sockets.at(-1)?.arrive('{"type":"init"}');
    await again;
    client.close();
    expect(runtime.timers).toBe(0);
  });

  it('fails when the one socket it was given never opens', async () => {
    const { client, runtime, log, near } = newClient({ openTimeoutMs: 1_000 });
    const waiting = ending(client.ready());
    const asked = ending(client.send('x'));

    await runtime.advance(1_000);

    expect([await waiting, await asked]).toEqual(['closed/no', 'closed/no']);
    expect(log).toEqual(['failed closed']);
    expect(near.closedWith).toMatchObject({ code: 4408 });
    expect(runtime.timers).toBe(0);
  });
});

describe('a client whose conversation ends', () => {
  it('settles what was in flight, and fails at once after that', async () => {
    const { client, near, receive, log, runtime } = newClient();
    receive({ type: 'init' });
    const flying = ending(client.send('x'));

    near.close(1006, 'reset');

    expect(await flying).toBe('closed/unknown');
    expect(await ending(client.send('y'))).toBe('closed/no');
    expect(client.emit('y')).toBe(false);
    expect(log).toEqual(['open', 'close 1006 reset', 'failed closed']);
    expect(await ending(client.ready())).toBe('closed/no');
    expect(runtime.timers).toBe(0);
  });

  it('knows why it was sent away', async () => {
    for (const [code, subtype] of [
      [4401, 'unauthorized'],
      [4403, 'forbidden'],
      [4409, 'forbidden'],
      [1000, 'closed'],
      [4000, 'closed'],
    ] as const) {
      const { near, log, receive, client } = newClient();
      receive({ type: 'init' });

      near.close(code, '');

      expect(log.at(-1)).toBe(`failed ${subtype}`);
      expect(await ending(client.ready())).toBe(`${subtype}/no`);
    }
  });

  it('closes for good, silently, and as often as one likes', async () => {
    const { client, near, receive, log, runtime } = newClient();
    receive({ type: 'init' });
    const flying = ending(client.send('x'));

    client.close();
    client.close();

    expect(await flying).toBe('closed/unknown');
    expect(near.closedWith).toMatchObject({ code: 1000 });
    expect(log).toMatchObject(['open', expect.stringContaining('close 1000')]);
    expect(await ending(client.send('x'))).toBe('closed/no');
    expect(runtime.timers).toBe(0);
  });

  it('can be closed while it is still connecting', async () => {
    const { client, near, log, runtime } = newClient();
    const waiting = ending(client.ready());

    client.close();

    expect(await waiting).toBe('closed/no');
    expect([near.closedWith?.code, log, runtime.timers]).toEqual([1000, [], 0]);
  });
});

describe('a client answering', () => {
  it('runs its handlers, and those of the most specific pattern', async () => {
    const world = new World();
    const server = await world.server();
    const { client, node } = await world.connect(server);
    const remove = client.on('alert', (ctx, text) => [ctx.kind, ctx.node, text]);
    client.on('orders.*', (ctx) => ctx.name);
    const removeTable = client.implement({ a: { b: () => 'ab' } });

    expect(await world.run(node.client.send('alert', 'hi'))).toEqual(['client', null, 'hi']);
    expect(await world.run(node.client.send('orders.create'))).toBe('orders.create');
    expect(await world.run(node.client.send('a.b'))).toBe('ab');

    remove();
    removeTable();
    for (const name of ['alert', 'a.b']) {
      expect(await world.run(ending(node.client.send(name)))).toBe('unhandled/no');
    }
    await world.close();
  });

  it('runs middleware around them, until that is removed', async () => {
    const world = new World();
    const server = await world.server();
    const { client, node } = await world.connect(server);
    client.on('alert', () => 'alert');
    const removeOuter = client.use(async (_ctx, next) => ['outer', await next()]);
    client.use(async (_ctx, next) => ['inner', await next()]);

    expect(await world.run(node.client.send('alert'))).toEqual(['outer', ['inner', 'alert']]);
    removeOuter();
    expect(await world.run(node.client.send('alert'))).toEqual(['inner', 'alert']);
    await world.close();
  });

  it('tells of the errors of events, which nobody waits for', () => {
    const { client, receive, sent } = newClient();
    const errors: unknown[] = [];
    client.events.on('error', (error, ctx) => errors.push([error, ctx.name]));
    client.on('bad', () => {
      throw 'no';
    });
    receive({ type: 'init' });

    receive({ type: 'event', name: 'bad' });

    expect(errors).toEqual([['no', 'bad']]);
    expect(sent()).toEqual([]);
  });

  it('lets the server close it', async () => {
    const { client, receive, log } = newClient();
    receive({ type: 'init' });

    receive({ type: 'close', code: 4409, reason: 'replaced' });

    expect(log).toEqual(['open', 'close 4409 replaced', 'failed forbidden']);
    expect(await ending(client.send('x'))).toBe('closed/no');
  });

  it('says what is wrong to a caller of this promise only', async () => {
    const { client, near } = newClient();
    near.close(1006, '');

    await expect(client.ready()).rejects.toMatchObject(refusal('closed', 'no'));
  });
});
