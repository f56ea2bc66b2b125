import { EventEmitter, once } from 'node:events';
import { createClient, createServer, type Server } from '@swarm/core';
import seed from 'amqp-swarm/client.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/**
 * One end of a pair of custom sockets, after the README: `send`, `close`, and the events `message`
 * and `close`. Messages arrive as buffers, one turn later; the end that closes is told at once.
 */
class CustomSocket extends EventEmitter {
  readonly sent: unknown[] = [];
  #other: CustomSocket | null = null;
  #isClosed = false;

  static pair(): [CustomSocket, CustomSocket] {
    const [a, b] = [new CustomSocket(), new CustomSocket()];
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(message: string | Uint8Array): void {
    if (this.#isClosed) return;
    const buffer = typeof message === 'string' ? Buffer.from(message) : Buffer.from(message);
    this.sent.push(JSON.parse(buffer.toString()));
    setImmediate(() => this.#other?.emit('message', buffer));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit('close');
    setImmediate(() => this.#other?.close());
  }
}

async function open(): Promise<Server> {
  const server = await createServer();
  onTestFinished(() => server.close());
  server.client.on('hello there', (_ctx, who) => `general ${who}`);
  return server;
}

describe('the original client over a custom socket', () => {
  it('asks and answers its node, without waiting for `init`', async () => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    const client = seed(null, far);
    client.on('legal?', () => 'i will make it legal');

    const early = client.send('hello there', 'kenobi');
    const node = await server.createNode(near);

    await expect(early).resolves.toBe('general kenobi');
    await expect(node.client.send('legal?')).resolves.toBe('i will make it legal');
    expect(near.sent[0]).toMatchObject({ type: 'init' });
  });

  it('ends its node by close()', async () => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    const client = seed(null, far);
    const node = await server.createNode(near);
    await client.send('hello there', 'kenobi');

    const closed = new Promise<void>((resolve) => node.events.on('close', () => resolve()));
    client.close();
    await closed;

    expect(node.isOpen).toBe(false);
    expect(server.nodes.size).toBe(0);
  });

  it('is told `close` when its node closes, before its socket is closed', async () => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    const client = seed(null, far);
    const node = await server.createNode(near);
    await client.send('hello there', 'kenobi');

    const closed = once(far, 'close');
    node.close();
    await closed;

    expect(near.sent.at(-1)).toMatchObject({ type: 'close' });
    expect(far.isClosed).toBe(true);
  });
});

describe('a node over a custom socket', () => {
  it('needs no readyState, at either end', async () => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    const client = createClient(far);
    onTestFinished(() => client.close());
    client.on('double', (_ctx, n: number) => 2 * n);

    const node = await server.createNode(near);

    expect('readyState' in near).toBe(false);
    await expect(client.send('hello there', 'kenobi')).resolves.toBe('general kenobi');
    await expect(node.client.send('double', 21)).resolves.toBe(42);
  });

  it('closes once, with its own code, though the socket emits `close` inside close()', async () => {
    const server = await open();
    const [, near] = CustomSocket.pair();
    const node = await server.createNode(near);
    const closes: unknown[] = [];
    node.events.on('close', (code) => closes.push(code));

    node.close();
    node.close();
    near.emit('close');

    expect(closes).toEqual([1000]);
    expect(near.isClosed).toBe(true);
  });

  it('closes, and harms nothing else, when its socket throws in send()', async () => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    const node = await server.createNode(near);
    await once(far, 'message');
    server.client.on('later', async () => 'never written');
    const closed = new Promise((resolve) => node.events.on('close', resolve));
    const asked = node.client.send('asked').catch((error: unknown) => error);
    near.send = () => {
      throw new Error('EPIPE');
    };

    const call = { type: 'request', name: 'later', args: [], correlationId: 'a' };
    near.emit('message', JSON.stringify(call));
    await closed;

    expect(await asked).toMatchObject({ type: 'protocol', subtype: 'closed' });
    expect(near.isClosed).toBe(true);
    expect(server.nodes.size).toBe(0);
  });

  it('hears frames that came before it was ready, once its handlers are there', async () => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    const call = { type: 'request', name: 'late', args: [1], correlationId: 'early' };

    const making = server.createNode(near, { id: 'chosen' });
    near.emit('message', Buffer.from(JSON.stringify(call)));
    const node = await making;
    node.client.on('late', (_ctx, n) => [n]);
    const init = await once(far, 'message');
    const answer = await once(far, 'message');

    expect(JSON.parse(String(init))).toMatchObject({ type: 'init' });
    expect(JSON.parse(String(answer))).toEqual({
      type: 'response',
      correlationId: 'early',
      result: [1],
    });
  });

  it.each([
    ['text', (text: string) => text],
    ['a Buffer', (text: string) => Buffer.from(text)],
    ['a Uint8Array', (text: string) => new TextEncoder().encode(text)],
    ['an ArrayBuffer', (text: string) => new TextEncoder().encode(text).buffer],
  ])('reads messages that arrive as %s', async (_kind, encode) => {
    const server = await open();
    const [far, near] = CustomSocket.pair();
    await server.createNode(near);
    await once(far, 'message');

    near.emit('message', encode('{"type":"ping","correlationId":"größe"}'));
    const pong = await once(far, 'message');

    expect(JSON.parse(String(pong))).toEqual({ type: 'pong', correlationId: 'größe' });
  });
});

describe('a socket that is closed already', () => {
  it('gets no node, when it says so by readyState', async () => {
    const server = await open();
    const [, near] = CustomSocket.pair();
    const closed = Object.assign(near, { readyState: 3 });

    await expect(server.createNode(closed)).rejects.toMatchObject({
      ...{ type: 'protocol', subtype: 'closed', delivered: 'no' },
    });

    expect(server.nodes.size).toBe(0);
  });

  it('gets no node, when it is a WebSocket whose client has left', async () => {
    const server = await open();
    const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => wss.close());
    await once(wss, 'listening');
    const address = wss.address();
    if (typeof address === 'string' || address === null) throw new TypeError('no port');
    const connected = new Promise<WebSocket>((resolve) => {
      wss.once('connection', (ws) => resolve(ws));
    });
    const far = new WebSocket(`ws://127.0.0.1:${address.port}`);
    const near = await connected;
    const gone = once(near, 'close');
    far.once('open', () => far.close());
    await gone;

    await expect(server.createNode(near)).rejects.toMatchObject({ subtype: 'closed' });

    expect(server.nodes.size).toBe(0);
  });

  it('gets no node, when it closes while the node is made', async () => {
    const server = await open();
    const [, near] = CustomSocket.pair();
    const joined: unknown[] = [];
    server.events.on('connection', (node) => joined.push(node));

    const making = server.createNode(near, { id: 'chosen' });
    near.close();

    await expect(making).rejects.toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(server.nodes.size).toBe(0);
    expect(joined).toEqual([]);
  });
});
