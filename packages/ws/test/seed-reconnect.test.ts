import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { createServer, memory, type Node, type Server } from '@swarm/core';
import seed, { type SeedClient } from 'amqp-swarm/client.js';
import { describe, expect, it, type TestContext } from 'vitest';
import { listen } from '../src/index.ts';

interface House {
  readonly server: Server;
  readonly port: number;
  /** The connection each id came by last. */
  readonly cables: ReadonlyMap<string, TcpSocket>;
}

async function open({ onTestFinished, task }: TestContext, port = 0): Promise<House> {
  const server = await createServer({ swarm: memory(`memory:${task.id}`) });
  onTestFinished(() => server.close());
  server.client.on('who', (ctx) => ctx.node.id);
  const cables = new Map<string, TcpSocket>();
  const accept = (request: IncomingMessage) => {
    const { url = '/', socket } = request;
    cables.set(url, socket);
    return { id: url };
  };
  const listener = await listen(server, { port, host: '127.0.0.1', accept });
  return { server, port: listener.port, cables };
}

/** Ids of the nodes that are made from now on. */
function watch(server: Server): string[] {
  const ids: string[] = [];
  server.events.on('connection', ({ id }) => ids.push(id));
  return ids;
}

/** The next node of this id. */
function next(server: Server, id: string): Promise<Node> {
  return new Promise((resolve) => {
    const off = server.events.on('connection', (node) => {
      if (node.id !== id) return;
      off();
      resolve(node);
    });
  });
}

/** The original client, connected and with no ping on its way. */
async function enter({ onTestFinished }: TestContext, { port }: House, id: string) {
  const client: SeedClient = seed(`ws://127.0.0.1:${port}${id}`);
  onTestFinished(() => client.close());
  await isAnswered(client, id);
  return client;
}

/**
 * The original client may miss its `init` if this process is held up just then, and what it asked
 * times out; it comes back by itself after a while.
 */
async function isAnswered(client: SeedClient, id: string): Promise<void> {
  while ((await client.send('who').catch(() => null)) !== id);
}

// At once, because all of them wait for the original client's own timers.
describe.concurrent('the original client comes back', () => {
  it('to a server that was started again on the same port, and is answered', async (test) => {
    const before = await open(test);
    const client = await enter(test, before, '/ani');

    await before.server.close();
    const after = await open(test, before.port);
    await isAnswered(client, '/ani');

    expect(after.server.nodes.get('/ani')?.isOpen).toBe(true);
  });

  it('when its connection is cut, to a new node that still asks it', async (test) => {
    const house = await open(test);
    const client = await enter(test, house, '/ani');
    client.on('rank', () => 'padawan');

    const made = next(house.server, '/ani');
    house.cables.get('/ani')?.destroy();
    await made;
    await isAnswered(client, '/ani');

    const answer = house.server.nodes.get('/ani')?.client.send('rank');
    await expect(answer).resolves.toBe('padawan');
  });
});

// A witness shows that enough time has passed: it connected last, is cut off last, and is back
// only after the other client would have been.
describe.concurrent('the original client stays away', () => {
  it('when its node was closed', async (test) => {
    const house = await open(test);
    await enter(test, house, '/ani');
    await enter(test, house, '/witness');
    const made = watch(house.server);

    const witness = next(house.server, '/witness');
    house.server.nodes.get('/ani')?.close();
    house.cables.get('/witness')?.destroy();
    await witness;

    expect(made).toContain('/witness');
    expect(made).not.toContain('/ani');
  });

  it('when a newer client took its id, so that two of one id do not fight for it', async (test) => {
    const house = await open(test);
    await enter(test, house, '/ani');
    const newer = await enter(test, house, '/ani');
    await enter(test, house, '/witness');
    const made = watch(house.server);

    const witness = next(house.server, '/witness');
    house.cables.get('/witness')?.destroy();
    await witness;

    expect(made).toContain('/witness');
    expect(made).not.toContain('/ani');
    await expect(newer.send('who')).resolves.toBe('/ani');
  });
});
