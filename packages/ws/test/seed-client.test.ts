import { createServer, memory, type Node, type Server, type ServerOptions } from '@swarm/core';
import seed, { type SeedClient } from 'amqp-swarm/client.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { listen } from '../src/index.ts';

interface House {
  readonly server: Server;
  readonly url: string;
}

async function open(options: ServerOptions = {}): Promise<House> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  server.client.on('connected', () => true);
  const accept = (request: { url?: string | undefined }) => ({ id: request.url });
  const { port } = await listen(server, { port: 0, host: '127.0.0.1', accept });
  return { server, url: `ws://127.0.0.1:${port}` };
}

/** The original client, unpatched. */
function start({ url }: House, id = '/ani'): SeedClient {
  const client = seed(url + id);
  onTestFinished(() => client.close());
  return client;
}

/**
 * The original client once it is connected, and its node. It may miss its `init` if this process
 * is held up just then; it comes back by itself after a while.
 */
async function enter(house: House, id = '/ani'): Promise<{ client: SeedClient; node: Node }> {
  const client = start(house, id);
  for (;;) {
    const isConnected = await client.send('connected').catch(() => false);
    const node = house.server.nodes.get(id);
    if (isConnected === true && node !== undefined) return { client, node };
  }
}

describe('the original client asks its node', () => {
  it('gets the result, with arguments of every JSON kind', async () => {
    const house = await open();
    house.server.client.on('echo', (_ctx, ...args) => args);
    const { client } = await enter(house);

    const args = ['text', 1.5, true, null, ['nested', []], { key: { ümlaut: '\u{1f600}' } }];

    await expect(client.send('echo', ...args)).resolves.toEqual(args);
  });

  it('gets the data of ctx.throw, as an error of its own type', async () => {
    const house = await open();
    const data = { council: true, master: false };
    house.server.client.on('promote-master', (ctx) => ctx.throw('take a seat', data));
    const { client } = await enter(house);

    const error = await client.send('promote-master').catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(seed.ErrorType);
    expect(error).toMatchObject({ type: 'endpoint', subtype: null, data, message: 'take a seat' });
  });

  it.each([
    ['an Error', new TypeError('clone'), 'clone'],
    ['a string', 'only words', 'only words'],
    ['null', null, 'null'],
  ])('gets one endpoint error for a thrown value: %s', async (_what, thrown, message) => {
    const house = await open();
    house.server.client.on('fail', () => {
      throw thrown;
    });
    house.server.client.on('fail later', async () => {
      throw thrown;
    });
    const { client } = await enter(house);

    const expected = { type: 'endpoint', subtype: null, data: null, message };

    await expect(client.send('fail')).rejects.toMatchObject(expected);
    await expect(client.send('fail later')).rejects.toMatchObject(expected);
  });

  it('is told the name that nobody handles', async () => {
    const { client } = await enter(await open());

    await expect(client.send('kamino')).rejects.toMatchObject({
      type: 'protocol',
      subtype: 'unhandled',
      data: { requestName: 'kamino' },
    });
  });

  it('gets null for an undefined result', async () => {
    const house = await open();
    house.server.client.on('nothing', () => undefined);
    const { client } = await enter(house);

    await expect(client.send('nothing')).resolves.toBeNull();
  });

  it('is answered by several handlers in order, the last result counting', async () => {
    const house = await open();
    const { client, node } = await enter(house);
    house.server.client.on('count', async () => [1]);
    node.client.on('count', (ctx) => [ctx.result, 2]);
    node.client.on('count', async (ctx) => [ctx.result, 3]);

    await expect(client.send('count')).resolves.toEqual([[[1], 2], 3]);
  });

  // Once more if it missed its `init`: what it queued has timed out when it comes back.
  it('is answered for everything it asked before it was connected', { retry: 2 }, async () => {
    const house = await open();
    house.server.client.on('double', (_ctx, n: number) => 2 * n);
    const client = start(house);

    const answers = [1, 2, 3].map((n) => client.send('double', n));

    await expect(Promise.all(answers)).resolves.toEqual([2, 4, 6]);
  });
});

describe('a node asks the original client', () => {
  it('gets the result, and null for an undefined one', async () => {
    const { client, node } = await enter(await open());
    client.on('add', async (_ctx, a: number, b: number) => a + b);
    client.on('nothing', () => undefined);

    await expect(node.client.send('add', 40, 2)).resolves.toBe(42);
    await expect(node.client.send('nothing')).resolves.toBeNull();
  });

  it('gets the data of ctx.throw, and the message of an Error', async () => {
    const { client, node } = await enter(await open());
    client.on('council', (ctx) => ctx.throw('no', { seat: 1 }));
    client.on('stormtrooper', () => {
      throw new TypeError('clone');
    });

    await expect(node.client.send('council')).rejects.toMatchObject({
      ...{ type: 'endpoint', subtype: null, delivered: 'yes' },
      ...{ message: 'no', data: { seat: 1 } },
    });
    await expect(node.client.send('stormtrooper')).rejects.toMatchObject({
      ...{ type: 'endpoint', subtype: null, delivered: 'yes' },
      ...{ message: 'clone', data: null },
    });
  });

  // `delivered` is unknown: the original passes on the errors of others as if they were its own.
  it('is told the name that the original client does not handle', async () => {
    const { node } = await enter(await open());

    await expect(node.client.send('kamino')).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'unhandled', delivered: 'unknown' },
      data: { requestName: 'kamino' },
    });
  });

  it('is answered by several handlers in order', async () => {
    const { client, node } = await enter(await open());
    client.on('count', async () => 1);
    client.on('count', (ctx) => [ctx.result, 2]);

    await expect(node.client.send('count')).resolves.toEqual([1, 2]);
  });

  it('asks the clients of other nodes, through them, wherever they are', async () => {
    const swarm = memory('memory:seed-client');
    const ani = await enter(await open({ swarm }), '/ani');
    const sheev = await enter(await open({ swarm }), '/sheev');
    ani.client.on('my new', (_ctx, empire) => `my new ${empire}`);
    ani.client.on('save padme', (ctx) => ctx.throw('rage', { killPadme: true }));
    ani.node.remoteClient.on('my new', (_ctx, empire) => (empire === 'republic' ? 'empire' : null));

    await expect(sheev.node.remoteClient.send('/ani', 'my new', 'republic')).resolves.toBe(
      'my new empire',
    );
    await expect(sheev.node.remoteClient.send('/ani', 'save padme')).rejects.toMatchObject({
      ...{ type: 'endpoint', subtype: null, message: 'rage', data: { killPadme: true } },
    });
  });
});

describe('a client by hand, after the protocol guide', () => {
  /** No subprotocol, as the original; answers come back in the order they are asked for. */
  async function byHand(url: string) {
    const ws = new WebSocket(url);
    onTestFinished(() => ws.terminate());
    const waiting: ((frame: unknown) => void)[] = [];
    const come: unknown[] = [];
    ws.on('message', (data, isBinary) => {
      expect(isBinary).toBe(false);
      const frame: unknown = JSON.parse(String(data));
      const next = waiting.shift();
      if (next === undefined) come.push(frame);
      else next(frame);
    });
    const next = () => {
      return new Promise<unknown>((resolve) => {
        if (come.length > 0) resolve(come.shift());
        else waiting.push(resolve);
      });
    };
    expect(await next()).toMatchObject({ type: 'init' });
    return { ws, next };
  }

  it('may send text or binary frames', async () => {
    const { server, url } = await open();
    server.client.on('who', (_ctx, name) => name);
    const { ws, next } = await byHand(`${url}/hand`);
    const request = { type: 'request', name: 'who', args: ['kenobi'] };

    ws.send(JSON.stringify({ ...request, correlationId: 'text' }));
    ws.send(Buffer.from(JSON.stringify({ ...request, correlationId: 'binary' })));

    expect(await next()).toEqual({ type: 'response', correlationId: 'text', result: 'kenobi' });
    expect(await next()).toEqual({ type: 'response', correlationId: 'binary', result: 'kenobi' });
  });

  it('may leave `args` out for none, and send a single one without its list', async () => {
    const { server, url } = await open();
    server.client.on('count', (_ctx, ...args) => args);
    const { ws, next } = await byHand(`${url}/hand`);
    const request = { type: 'request', name: 'count' };

    ws.send(JSON.stringify({ ...request, correlationId: 'none' }));
    ws.send(JSON.stringify({ ...request, correlationId: 'one', args: 'alone' }));

    expect(await next()).toEqual({ type: 'response', correlationId: 'none', result: [] });
    expect(await next()).toEqual({ type: 'response', correlationId: 'one', result: ['alone'] });
  });

  it('may ping, and send types of its own that begin with x-', async () => {
    const { url } = await open();
    const { ws, next } = await byHand(`${url}/hand`);

    ws.send('{"type":"x-mine","correlationId":"1"}');
    ws.send('{"type":"ping","correlationId":"foo"}');
    ws.send('{"type":"ping","correlationId":"bar"}');

    expect(await next()).toEqual({ type: 'pong', correlationId: 'foo' });
    expect(await next()).toEqual({ type: 'pong', correlationId: 'bar' });
  });
});
