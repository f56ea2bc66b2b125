import {
  type Client,
  createServer,
  memory,
  platformRuntime,
  type ServerOptions,
  SwarmError,
} from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, listen, refuse } from '../src/index.ts';

async function open(options: ServerOptions = {}) {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  server.client.on('who', (ctx) => ctx.node.id);
  const { port } = await listen(server, {
    ...{ port: 0, host: '127.0.0.1' },
    accept: ({ url = '/', headers }) => {
      const { authorization } = headers;
      if (url === '/jedi' && authorization === undefined) return refuse(401);
      return { id: url === '/' ? undefined : url, auth: { authorization }, data: { visits: 0 } };
    },
  });
  return { server, port, url: `ws://127.0.0.1:${port}` };
}

function enter(url: string, headers: Readonly<Record<string, string>> = {}): Client {
  const client = connect(url, { headers });
  onTestFinished(() => client.close());
  return client;
}

/** Why the client was sent away for good. */
function failure(client: Client): Promise<SwarmError> {
  return new Promise((resolve) => client.events.on('failed', resolve));
}

const unreachable = { type: 'protocol', subtype: 'unreachable', delivered: 'no' };
const replaced = { type: 'protocol', subtype: 'forbidden' };

describe('server(url, socketOptions, prefix)', () => {
  it('takes one options object, and needs none', async () => {
    const server = await createServer();

    expect(server.isOpen).toBe(true);
    await server.close();
  });

  it('keeps applications on one swarm apart by their namespace', async () => {
    const swarm = memory('memory:seed-namespace');
    const red = await open({ swarm, namespace: 'red' });
    const blue = await open({ swarm, namespace: 'blue' });
    red.server.on('load', () => 'red');
    await enter(`${red.url}/ani`).ready();

    await expect(red.server.send('/ani', 'load')).resolves.toBe('red');
    await expect(blue.server.send('/ani', 'load')).rejects.toMatchObject(unreachable);
  });

  it('refuses a namespace that is no plain word', async () => {
    await expect(createServer({ namespace: 'a.b' })).rejects.toThrow(TypeError);
  });
});

describe('server.connected', () => {
  it('is the promise of createServer: its nodes can be reached at once', async () => {
    const swarm = memory('memory:seed-connected');
    const a = await open({ swarm });
    const b = await open({ swarm });
    b.server.on('load', (ctx) => ctx.node.id);
    await enter(`${b.url}/ani`).ready();

    await expect(a.server.send('/ani', 'load')).resolves.toBe('/ani');
  });
});

describe('server.events', () => {
  it('tells `connection` in time for handlers of the very first request', async () => {
    const { server, url } = await open();
    server.events.on('connection', (node) => node.client.on('first', () => 'heard'));

    await expect(enter(url).send('first')).resolves.toBe('heard');
  });

  it('tells `close` once', async () => {
    const { server } = await open();
    const told: string[] = [];
    server.events.on('close', () => told.push('close'));

    await Promise.all([server.close(), server.close()]);

    expect(told).toEqual(['close']);
  });
});

describe('server.close()', () => {
  it('closes all nodes, each once, and has closed them when it resolves', async () => {
    const { server, url } = await open();
    const closes: unknown[] = [];
    server.events.on('connection', (node) => {
      node.events.on('close', (code) => closes.push([node.id, code]));
    });
    await Promise.all(['/a', '/b'].map((id) => enter(url + id).ready()));

    await server.close();

    expect(closes.toSorted()).toEqual([
      ['/a', 1001],
      ['/b', 1001],
    ]);
    expect(server.nodes.size).toBe(0);
    expect(server.isOpen).toBe(false);
  });

  it('leaves its port free when it resolves', async () => {
    const { server, port } = await open();

    await server.close();
    const again = await createServer();
    onTestFinished(() => again.close());
    const listener = await listen(again, { port, host: '127.0.0.1' });

    expect(listener.port).toBe(port);
  });

  it('is final: no node is made from then on', async () => {
    const { server } = await open();
    const making = server.createNode({ send() {}, close() {}, on() {} }, { id: 'chosen' });

    const closing = server.close();

    const closed = { type: 'protocol', subtype: 'closed', delivered: 'no' };
    await expect(making).rejects.toMatchObject(closed);
    await closing;
    const late = server.createNode({ send() {}, close() {}, on() {} });
    await expect(late).rejects.toMatchObject(closed);
    expect(server.nodes.size).toBe(0);
  });

  it('settles what its nodes asked, and refuses what they ask then', async () => {
    const { server, url } = await open();
    const client = enter(`${url}/ani`);
    const asked = new Promise<void>((resolve) => {
      client.on('never', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    await client.ready();
    const node = server.nodes.get('/ani');
    const answer = node?.client.send('never');
    await asked;

    const closing = server.close();

    await expect(answer).rejects.toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    await expect(node?.client.send('never')).rejects.toMatchObject({
      ...{ subtype: 'closed', delivered: 'no' },
    });
    await closing;
  });
});

describe('server.createNode(id, socket)', () => {
  it('makes ids that need no escaping anywhere, and that differ', async () => {
    const { url } = await open();

    const ids = await Promise.all([enter(url).send('who'), enter(url).send('who')]);

    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('refuses an id that no node can have', async () => {
    const { server } = await open();
    const socket = () => ({ send() {}, close() {}, on() {} });
    const [generated] = await Promise.all([server.createNode(socket())]);

    for (const id of ['', 'x'.repeat(129), '\ud800', generated.id]) {
      await expect(server.createNode(socket(), { id })).rejects.toThrow(TypeError);
    }
  });
});

describe('duplicate node ids, connection deduplication', () => {
  const houses = {
    'of one server': async (options: ServerOptions) => {
      const house = await open(options);
      return [house, house] as const;
    },
    'of two servers': async (options: ServerOptions) => {
      const swarm = memory('memory:seed-duplicates');
      return [await open({ ...options, swarm }), await open({ ...options, swarm })] as const;
    },
  };

  it.each(Object.entries(houses))('the newest takes over: clients %s', async (_where, make) => {
    const [a, b] = await make({});
    const older = enter(`${a.url}/ani`);
    await older.ready();
    const closed = new Promise((resolve) =>
      a.server.nodes.get('/ani')?.events.on('close', resolve),
    );
    const error = failure(older);

    const newer = enter(`${b.url}/ani`);
    newer.on('age', () => 'newer');

    expect(await error).toMatchObject(replaced);
    expect(await closed).toBe(4409);
    await expect(a.server.remoteClient.send('/ani', 'age')).resolves.toBe('newer');
    await expect(b.server.remoteClient.send('/ani', 'age')).resolves.toBe('newer');
  });

  it.each(Object.entries(houses))('the oldest keeps it by option: %s', async (_where, make) => {
    let passedMs = 0;
    const runtime = { ...platformRuntime, nowMs: () => platformRuntime.nowMs() + passedMs };
    const [a, b] = await make({ takeover: 'oldest', runtime });
    const older = enter(`${a.url}/ani`);
    older.on('age', () => 'older');
    await older.ready();
    // Claims that are made at once have no older one.
    passedMs += 1_000;

    const newer = enter(`${b.url}/ani`);
    newer.on('age', () => 'newer');

    expect(await failure(newer)).toMatchObject(replaced);
    expect(older.isOpen).toBe(true);
    await expect(b.server.remoteClient.send('/ani', 'age')).resolves.toBe('older');
  });

  it('one node runs a request, never two', async () => {
    const [a, b] = await houses['of two servers']({});
    const ran: string[] = [];
    a.server.on('run', () => ran.push('a'));
    b.server.on('run', () => ran.push('b'));
    const older = enter(`${a.url}/ani`);
    await older.ready();
    const gone = failure(older);
    await enter(`${b.url}/ani`).ready();
    await gone;

    await a.server.send('/ani', 'run');
    await b.server.send('/ani', 'run');

    expect(ran).toEqual(['b', 'b']);
  });
});

describe('node.id, node.isOpen, node.throw, node.close(), node.events', () => {
  it('close() is final, told once, and sends the client away for good', async () => {
    const { server, url } = await open();
    const client = enter(`${url}/ani`);
    await client.ready();
    const node = server.nodes.get('/ani');
    const closes: number[] = [];
    node?.events.on('close', (code) => closes.push(code));
    const away = failure(client);

    expect(node?.isOpen).toBe(true);
    node?.close();
    node?.close();

    expect(node?.isOpen).toBe(false);
    expect(await away).toMatchObject({ subtype: 'closed' });
    expect(closes).toEqual([1000]);
  });

  it('what node.throw was for is a SwarmError, thrown anywhere', async () => {
    const { server, url } = await open();
    const check = () => {
      throw new SwarmError('take a seat', { data: { master: false } });
    };
    server.client.on('promote', () => check());

    await expect(enter(url).send('promote')).rejects.toMatchObject({
      ...{ type: 'endpoint', subtype: null, message: 'take a seat', data: { master: false } },
    });
  });
});

describe('what its author wrote beside it: connect filters, state per connection', () => {
  it('accept refuses a client for good, or says who it is', async () => {
    const { server, url } = await open();
    server.client.on('auth', (ctx) => ctx.node.auth);

    expect(await failure(enter(`${url}/jedi`))).toMatchObject({ subtype: 'unauthorized' });
    const known = enter(`${url}/jedi`, { authorization: 'yoda' });

    await expect(known.send('auth')).resolves.toEqual({ authorization: 'yoda' });
    await expect(known.send('who')).resolves.toBe('/jedi');
  });

  it('node.data lives as long as the connection, and each node has its own', async () => {
    const { server, url } = await open();
    server.client.on('visit', ({ node }) => {
      node.data = { visits: [node.data, node.id] };
      return node.data;
    });

    const visits = [enter(`${url}/a`).send('visit'), enter(`${url}/b`).send('visit')];

    await expect(Promise.all(visits)).resolves.toEqual([
      { visits: [{ visits: 0 }, '/a'] },
      { visits: [{ visits: 0 }, '/b'] },
    ]);
  });
});
