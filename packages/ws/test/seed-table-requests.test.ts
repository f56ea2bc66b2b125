import { type Client, createServer, memory, type Node, type Server } from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, listen } from '../src/index.ts';

interface End {
  readonly server: Server;
  readonly client: Client;
  readonly node: Node;
}

let swarms = 0;

/** Two clients and their nodes, on two servers that share a swarm. */
async function pair(): Promise<{ ani: End; sheev: End }> {
  swarms += 1;
  const swarm = memory(`memory:seed-requests-${swarms}`);
  const enter = async (id: string): Promise<End> => {
    const server = await createServer({ swarm });
    onTestFinished(() => server.close());
    const accept = () => ({ id });
    const { port } = await listen(server, { port: 0, host: '127.0.0.1', accept });
    const client = connect(`ws://127.0.0.1:${port}`);
    onTestFinished(() => client.close());
    await client.ready();
    const node = server.nodes.get(id);
    if (node === undefined) throw new TypeError(`no node ${id}`);
    return { server, client, node };
  };
  return { ani: await enter('ani'), sheev: await enter('sheev') };
}

describe('node.on, node.send', () => {
  it('answers another node, whose id is ctx.sender', async () => {
    const { ani, sheev } = await pair();
    sheev.node.on('power', (ctx, limit) => [ctx.sender, ctx.node.id, `${limit} power`]);

    const answer = ani.node.send('sheev', 'power', 'unlimited');

    await expect(answer).resolves.toEqual(['ani', 'sheev', 'unlimited power']);
  });

  it('passes errors on with their data', async () => {
    const { ani, sheev } = await pair();
    sheev.node.on('vote', (ctx) => ctx.throw('treason', { senate: true }));

    await expect(ani.node.send('sheev', 'vote')).rejects.toMatchObject({
      ...{ type: 'endpoint', subtype: null, delivered: 'yes' },
      ...{ message: 'treason', data: { senate: true } },
    });
    await expect(ani.node.send('sheev', 'nope')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'unhandled', delivered: 'no' },
      data: { requestName: 'nope' },
    });
  });

  it('lets a server ask without being a node: ctx.sender is null', async () => {
    const { ani, sheev } = await pair();
    sheev.server.on('sender', (ctx) => [ctx.sender]);

    await expect(ani.server.send('sheev', 'sender')).resolves.toEqual([null]);
  });
});

describe('node.client.on, node.client.send', () => {
  it('asks both ways, and ctx.sender is null', async () => {
    const { ani } = await pair();
    ani.node.client.on('double', (ctx, n: number) => [2 * n, ctx.sender]);
    ani.client.on('triple', (ctx, n: number) => [3 * n, ctx.sender]);

    await expect(ani.client.send('double', 21)).resolves.toEqual([42, null]);
    await expect(ani.node.client.send('triple', 14)).resolves.toEqual([42, null]);
  });

  it('fails at once where the client has left, instead of waiting for an answer', async () => {
    const { ani } = await pair();
    const left = new Promise((resolve) => ani.node.events.on('close', resolve));
    ani.client.close();
    await left;

    await expect(ani.node.client.send('anything')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'closed', delivered: 'no' },
    });
  });
});

describe('node.remoteClient.on, node.remoteClient.send', () => {
  it('reaches the client of another node without any handler before it', async () => {
    const { ani, sheev } = await pair();
    ani.client.on('kneel', (_ctx, ...args) => args);

    await expect(sheev.node.remoteClient.send('ani', 'kneel', 1, 2)).resolves.toEqual([1, 2]);
  });

  it.each([
    ['keeps the arguments when a handler returns undefined', undefined, [1, 2]],
    ['replaces the arguments by a list', [3], [3]],
    ['takes anything else as the one argument', 'one', ['one']],
    ['takes null as the one argument', null, [null]],
  ])('%s', async (_rule, returned, heard) => {
    const { ani, sheev } = await pair();
    ani.client.on('order', (_ctx, ...args) => args);
    ani.node.remoteClient.on('order', () => returned);

    await expect(sheev.node.remoteClient.send('ani', 'order', 1, 2)).resolves.toEqual(heard);
  });

  it('begins with the arguments as ctx.result, pass true, and the asking node as sender', async () => {
    const { ani, sheev } = await pair();
    const seen: unknown[] = [];
    ani.client.on('order', () => 'done');
    ani.node.remoteClient.on('order', (ctx, ...args) => {
      seen.push(ctx.result, ctx.pass, ctx.sender, args);
    });

    await sheev.node.remoteClient.send('ani', 'order', 66);

    expect(seen).toEqual([[66], true, 'sheev', [66]]);
  });

  it('hands the arguments of one handler to the next, the last ones to the client', async () => {
    const { ani, sheev } = await pair();
    ani.client.on('order', (_ctx, ...args) => args);
    ani.node.remoteClient.on('order', async (_ctx, n: number) => [n + 1, 'a']);
    ani.node.remoteClient.on('order', (ctx, n: number, a) => {
      expect(ctx.result).toEqual([n, a]);
      return [n + 1, a, 'b'];
    });

    await expect(sheev.node.remoteClient.send('ani', 'order', 1)).resolves.toEqual([3, 'a', 'b']);
  });

  it('answers the last returned value with pass = false, null without one', async () => {
    const { ani, sheev } = await pair();
    ani.node.remoteClient.on('chancellor', (ctx) => {
      ctx.pass = false;
      return 'emperor';
    });
    ani.node.remoteClient.on('silence', (ctx) => {
      ctx.pass = false;
    });

    await expect(sheev.node.remoteClient.send('ani', 'chancellor', 1)).resolves.toBe('emperor');
    await expect(sheev.node.remoteClient.send('ani', 'silence', 1)).resolves.toBeNull();
  });

  it('answers at once with ctx.answer, and runs no later handler', async () => {
    const { ani, sheev } = await pair();
    ani.node.remoteClient.on('chancellor', (ctx) => ctx.answer(['emperor']));
    ani.node.remoteClient.on('chancellor', () => 'never');

    await expect(sheev.node.remoteClient.send('ani', 'chancellor')).resolves.toEqual(['emperor']);
  });

  it('refuses by ctx.throw, and passes the errors of the client on', async () => {
    const { ani, sheev } = await pair();
    ani.node.remoteClient.on('refused', (ctx) => ctx.throw('not to me', { by: ctx.node.id }));
    ani.client.on('failing', (ctx) => ctx.throw('rage', { by: 'client' }));

    await expect(sheev.node.remoteClient.send('ani', 'refused')).rejects.toMatchObject({
      ...{ type: 'endpoint', message: 'not to me', data: { by: 'ani' } },
    });
    await expect(sheev.node.remoteClient.send('ani', 'failing')).rejects.toMatchObject({
      ...{ type: 'endpoint', message: 'rage', data: { by: 'client' } },
    });
    await expect(sheev.node.remoteClient.send('ani', 'nope')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'unhandled', delivered: 'no', data: { requestName: 'nope' } },
    });
  });
});

describe('handler async (ctx, ...args)', () => {
  it('runs several in order, one at a time, the shared ones first', async () => {
    const { ani } = await pair();
    const steps: string[] = [];
    const step = (name: string) => async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
    };
    ani.node.client.on('go', step('own'));
    ani.server.client.on('go', step('shared'));
    ani.node.client.on('go', step('own again'));

    await ani.client.send('go');

    expect(steps).toEqual([
      ...['shared begins', 'shared ends', 'own begins', 'own ends'],
      ...['own again begins', 'own again ends'],
    ]);
  });

  it('chains ctx.result: null at first, kept by undefined, the last one is the answer', async () => {
    const { ani } = await pair();
    ani.node.client.on('chain', (ctx) => [ctx.result, 1]);
    ani.node.client.on('chain', () => undefined);
    ani.node.client.on('chain', async (ctx) => [ctx.result, 2]);
    ani.node.client.on('chain', (ctx) => {
      ctx.result = [ctx.result, 3];
    });

    await expect(ani.client.send('chain')).resolves.toEqual([[[null, 1], 2], 3]);
  });

  it('is removed by what `on` returned, once and alone', async () => {
    const { ani } = await pair();
    const handler = () => 'answer';
    const off = ani.node.client.on('name', handler);
    ani.node.client.on('name', handler);

    off();
    off();
    await expect(ani.client.send('name')).resolves.toBe('answer');
  });

  it('may remove itself, and so answer once', async () => {
    const { ani } = await pair();
    const off = ani.node.client.on('once', () => {
      off();
      return 'the first time';
    });

    await expect(ani.client.send('once')).resolves.toBe('the first time');
    await expect(ani.client.send('once')).rejects.toMatchObject({ subtype: 'unhandled' });
  });
});

describe('args/result JSON', () => {
  it('an undefined result is null, at the end of every way', async () => {
    const { ani, sheev } = await pair();
    for (const end of [ani.node, ani.node.client, ani.client]) end.on('nothing', () => undefined);

    await expect(sheev.node.send('ani', 'nothing')).resolves.toBeNull();
    await expect(sheev.node.remoteClient.send('ani', 'nothing')).resolves.toBeNull();
    await expect(ani.client.send('nothing')).resolves.toBeNull();
  });

  it('what JSON cannot say fails where it is said, and is not sent', async () => {
    const { ani } = await pair();
    const heard: unknown[] = [];
    ani.node.client.on('*', (ctx) => heard.push(ctx.name));
    ani.node.client.on('big', () => 1n);

    await expect(ani.client.send('echo', 1n)).rejects.toThrow(TypeError);
    await expect(ani.client.send('big')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'internal', delivered: 'yes' },
    });
    expect(heard).toEqual([]);
  });
});

describe('ctx.result, ctx.throw, ctx.sender, ctx.pass', () => {
  it('come with meta, untouched on the way through a node to its client', async () => {
    const { ani, sheev } = await pair();
    const meta = { trace: '4bf9', tenant: 'größe' };
    ani.client.on('meta', (ctx) => ctx.meta);
    ani.node.on('meta', (ctx) => ctx.meta);

    await expect(sheev.node.with({ meta }).send('ani', 'meta')).resolves.toEqual(meta);
    const remote = sheev.node.remoteClient.with({ meta }).send('ani', 'meta');
    await expect(remote).resolves.toEqual(meta);
    await expect(sheev.node.send('ani', 'meta')).resolves.toEqual({});
  });

  it('come with state that the handlers of one request share', async () => {
    const { ani } = await pair();
    ani.node.client.on('state', (ctx) => {
      expect(Object.keys(ctx.state)).toEqual([]);
      ctx.state['constructor'] = 'kept';
    });
    ani.node.client.on('state', (ctx) => ctx.state['constructor']);

    await expect(ani.client.send('state')).resolves.toBe('kept');
    await expect(ani.client.send('state')).resolves.toBe('kept');
  });
});

describe('pattern matching', () => {
  it('takes * for one segment and a last > for the rest, the most specific alone', async () => {
    const { ani } = await pair();
    for (const pattern of ['>', 'order.*', 'order.66', 'order.>']) {
      ani.node.client.on(pattern, (ctx) => [pattern, ctx.name]);
    }

    await expect(ani.client.send('order.66')).resolves.toEqual(['order.66', 'order.66']);
    await expect(ani.client.send('order.67')).resolves.toEqual(['order.*', 'order.67']);
    await expect(ani.client.send('order.6.7')).resolves.toEqual(['order.>', 'order.6.7']);
    await expect(ani.client.send('other')).resolves.toEqual(['>', 'other']);
  });

  it('takes a name on the wire literally, even `*`', async () => {
    const { ani } = await pair();
    ani.node.client.on('order', () => 'no');

    await expect(ani.client.send('*')).rejects.toMatchObject({
      ...{ subtype: 'unhandled', data: { requestName: '*' } },
    });
  });
});
