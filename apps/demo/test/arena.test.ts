import { type Client, memory } from '@swarm/core';
import { connect } from '@swarm/ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Arena, startArena } from '../src/arena.ts';
import { type Demo, demo, type ServerName } from '../src/contract.ts';

let arena: Arena;
let clients: Client<Demo>[];

beforeEach(async () => {
  arena = await startArena();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await arena.close();
});

async function join(server: ServerName, name: string): Promise<Client<Demo>> {
  const client = connect(arena.url(server, name), { contract: demo });
  clients.push(client);
  await client.ready();
  return client;
}

describe('the roster', () => {
  it('tells a client of those who join and leave, on either server', async () => {
    const ada = await join('a', 'ada');
    const seen: string[] = [];
    ada.on('joined', (_ctx, { id, server }) => void seen.push(`${id} joined ${server}`));
    ada.on('left', (_ctx, { id, server }) => void seen.push(`${id} left ${server}`));

    const bob = await join('b', 'bob');
    const cyd = await join('a', 'cyd');
    bob.close();
    await expect.poll(() => seen.length).toBe(3);
    cyd.close();

    const all = ['bob joined b', 'cyd joined a', 'bob left b', 'cyd left a'];
    await expect.poll(() => seen).toEqual(all);
  });

  it('is the same for all, and names those who are simulated', async () => {
    const ada = await join('a', 'ada');
    const bob = await join('b', 'bob');
    await join('b', 'robot&simulated');

    const roster = await ada.call.roster();

    expect(roster).toEqual([
      { id: 'ada', server: 'a', isSimulated: false },
      { id: 'bob', server: 'b', isSimulated: false },
      { id: 'robot', server: 'b', isSimulated: true },
    ]);
    expect(await bob.call.roster()).toEqual(roster);
  });

  it('keeps a client that moves to the other server', async () => {
    const watcher = await join('a', 'watcher');
    const old = await join('a', 'ada');
    const failed = new Promise((resolve) => old.events.on('failed', resolve));
    await join('b', 'ada');
    await failed;

    const roster = await watcher.call.roster();

    expect(roster).toContainEqual({ id: 'ada', server: 'b', isSimulated: false });
  });
});

describe('the place of a client', () => {
  it('names its server, all others, and the process each is in', async () => {
    const ada = connect(arena.url('b', 'ada'), { contract: demo });
    clients.push(ada);
    const place = await new Promise((resolve) => ada.on('place', (_ctx, told) => resolve(told)));

    const { pid } = process;
    expect(place).toEqual({
      server: 'b',
      servers: [
        { name: 'a', pid },
        { name: 'b', pid },
      ],
      swarm: 'memory',
      isLinked: true,
      attempt: 0,
    });
  });

  it('says when the others are out of reach, who are kept meanwhile', async () => {
    const ada = await join('a', 'ada');
    await join('b', 'bob');
    const seen: unknown[] = [];
    ada.on('place', (_ctx, { isLinked, attempt }) => void seen.push([isLinked, attempt]));
    ada.on('left', (_ctx, { id }) => void seen.push(id));

    memory('memory:demo').cut();

    await expect.poll(() => seen.length).toBe(3);
    expect(seen).toEqual([
      [false, 0],
      [false, 1],
      [true, 0],
    ]);
    expect(await ada.call.roster()).toContainEqual({ id: 'bob', server: 'b', isSimulated: false });
  });
});

describe('a question', () => {
  it('is signed by the node of who is asked, whatever the one who asks says', async () => {
    const ada = await join('a', 'ada');
    const bob = await join('b', 'bob');
    bob.on('question', (_ctx, text, from) => `${from} said ${text}`);

    const answer = await ada.call.ask('bob', 'hello');

    expect(answer).toBe('ada said hello');
  });

  it('is seen by those who are neither asked nor asking', async () => {
    const ada = await join('a', 'ada');
    const bob = await join('b', 'bob');
    const cyd = await join('b', 'cyd');
    bob.on('question', () => 'yes');
    const seen: string[] = [];
    for (const client of clients) {
      client.on('asked', (_ctx, from, to) => void seen.push(`${from} → ${to}`));
    }

    await ada.call.ask('bob', 'hello');
    await cyd.call.whoami();

    expect(seen).toEqual(['ada → bob']);
  });

  it('that nobody could be asked says why, as a declared error', async () => {
    const ada = await join('a', 'ada');

    const asked = await ada.call.ask.safe('nobody', 'hello');

    expect(asked).toMatchObject({
      ok: false,
      error: { code: 'NOT_ANSWERED', data: { subtype: 'unreachable', delivered: 'no' } },
    });
  });

  it('that is not answered in time fails with a timeout, and is taken back', async () => {
    const ada = await join('a', 'ada');
    const bob = await join('b', 'bob');
    const takenBack = new Promise((resolve) => {
      bob.on('question', (ctx) => {
        ctx.signal.addEventListener('abort', resolve);
        return new Promise<string>(() => {});
      });
    });

    const asked = await ada.with({ timeoutMs: 100 }).call.ask.safe('bob', 'hello');

    expect(asked).toMatchObject({ ok: false, error: { subtype: 'timeout', delivered: 'unknown' } });
    await takenBack;
  });
});

describe('the door', () => {
  it.each(['', 'a b', 'hub.a', '<b>', 'x'.repeat(41)])(
    'keeps out who is called "%s"',
    async (name) => {
      const url = arena.url('a', encodeURIComponent(name));
      const client = connect(url, { contract: demo });

      await expect(client.ready()).rejects.toMatchObject({ subtype: 'forbidden' });
    },
  );

  it('answers an upgrade that is for neither server', async () => {
    const url = `ws://127.0.0.1:${arena.port}/c?name=ada`;
    const closed = new Promise((resolve) => {
      const client = connect(url, { reconnect: false });
      client.events.on('failed', resolve);
    });

    await expect(closed).resolves.toMatchObject({ subtype: 'closed' });
  });
});
