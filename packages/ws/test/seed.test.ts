import { once } from 'node:events';
import { createServer, type Node } from '@swarm/core';
import seed from 'amqp-swarm/client.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The program of the seed's README: a node for every WebSocket of a server of our own. The client
 * is connected when this resolves; it may miss its `init` if this process is held up just then,
 * and comes back by itself after a while.
 */
async function readme() {
  const server = await createServer();
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(wss, 'listening');
  onTestFinished(async () => {
    await server.close();
    wss.close();
  });
  const address = wss.address();
  if (typeof address === 'string' || address === null) throw new TypeError('no port');
  const made: { readonly node: Node; readonly ws: WebSocket }[] = [];
  wss.on('connection', async (ws, request) => {
    const node = await server.createNode(ws, { id: request.url });
    node.client.on('hello there', (_ctx, who) => `general ${who}`);
    made.push({ node, ws });
  });
  const client = seed(`ws://127.0.0.1:${address.port}/kenobi`);
  onTestFinished(() => client.close());
  for (;;) {
    const answer = await client.send('hello there', 'kenobi').catch(() => null);
    const last = made.at(-1);
    if (answer !== null && last !== undefined) return { ...last, client, made };
  }
}

/** Messages of one type that a WebSocket of the server gets, as they come. */
async function receive(ws: WebSocket, type: string, count: number): Promise<unknown[]> {
  const found: unknown[] = [];
  await new Promise<void>((resolve) => {
    ws.on('message', (data) => {
      const frame: unknown = JSON.parse(String(data));
      if (typeof frame !== 'object' || frame === null || !('type' in frame)) return;
      if (frame.type === type && found.push(frame) === count) resolve();
    });
  });
  return found;
}

describe("the program of the seed's README", () => {
  it('answers the original client by a node per WebSocket', async () => {
    const { client, node } = await readme();

    const answer = client.send('hello there', 'reposti');

    await expect(answer).resolves.toBe('general reposti');
    expect(node.id).toBe('/kenobi');
  });

  it('asks the original client, and gets its errors with data', async () => {
    const { client, node } = await readme();
    client.on('is that legal?', () => 'i will make it legal');
    client.on('save padme', (ctx) => ctx.throw('rage', { killPadme: true }));

    await expect(node.client.send('is that legal?')).resolves.toBe('i will make it legal');
    await expect(node.client.send('save padme')).rejects.toMatchObject({
      type: 'endpoint',
      subtype: null,
      message: 'rage',
      data: { killPadme: true },
    });
  });

  it('reads the binary frames of the original client', async () => {
    const { client, ws } = await readme();
    const binary: boolean[] = [];
    ws.on('message', (_data, isBinary) => binary.push(isBinary));

    await expect(client.send('hello there', 'grievous')).resolves.toBe('general grievous');

    expect(new Set(binary)).toEqual(new Set([true]));
  });

  // A pong that is missing for a second makes the original client connect again.
  it('answers the pings of the original client, so that it keeps its socket', async () => {
    const { client, ws, made } = await readme();
    const connections = made.length;

    await receive(ws, 'ping', 3);

    await expect(client.send('hello there', 'you')).resolves.toBe('general you');
    expect(made).toHaveLength(connections);
  });

  it('tolerates that the original client answers each ping twice', async () => {
    const { client, node, ws } = await readme();

    for (let id = 0; id < 10; id += 1) {
      ws.send(JSON.stringify({ type: 'ping', correlationId: `${id}` }));
    }
    const pongs = await receive(ws, 'pong', 20);

    expect(pongs.slice(0, 2)).toEqual([
      { type: 'pong', correlationId: '0' },
      { type: 'pong', correlationId: '0' },
    ]);
    await expect(client.send('hello there', 'again')).resolves.toBe('general again');
    expect(node.isOpen).toBe(true);
  });
});
