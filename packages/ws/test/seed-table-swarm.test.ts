import { once } from 'node:events';
import {
  type Client,
  createServer,
  type LinkHost,
  memory,
  type Server,
  type Swarm,
} from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type ListenOptions, listen } from '../src/index.ts';

interface House {
  readonly server: Server;
  readonly url: string;
}

async function open(swarm: Swarm, options: ListenOptions = {}): Promise<House> {
  const server = await createServer({ swarm });
  onTestFinished(() => server.close());
  const accept = ({ url = '/' }) => ({ id: url });
  const here = { port: 0, host: '127.0.0.1', accept };
  const { port } = await listen(server, { ...here, ...options });
  return { server, url: `ws://127.0.0.1:${port}` };
}

async function enter({ url }: House, id: string): Promise<Client> {
  const client = connect(url + id);
  onTestFinished(() => client.close());
  await client.ready();
  return client;
}

describe('send to an unknown node', () => {
  const unreachable = { type: 'protocol', subtype: 'unreachable', delivered: 'no' };

  it('fails at once, and disturbs no other request', async () => {
    const swarm = memory('memory:seed-unknown');
    const [a, b] = [await open(swarm), await open(swarm)];
    await Promise.all([enter(a, '/ani'), enter(b, '/sheev')]);
    b.server.on('echo', (_ctx, n) => n);
    const node = a.server.nodes.get('/ani');
    const numbers = Array.from({ length: 20 }, (_, n) => n);

    const asked = numbers.map((n) => {
      const nobody = node?.send(`nobody ${n}`, 'echo', n);
      const remote = node?.remoteClient.send(`nobody ${n}`, 'echo', n);
      return { nobody, remote, known: node?.send('/sheev', 'echo', n) };
    });

    for (const { nobody, remote } of asked) {
      await expect(nobody).rejects.toMatchObject(unreachable);
      await expect(remote).rejects.toMatchObject(unreachable);
    }
    await expect(Promise.all(asked.map(({ known }) => known))).resolves.toEqual(numbers);
  });

  it('fails at once, when the node has left', async () => {
    const swarm = memory('memory:seed-left');
    const [a, b] = [await open(swarm), await open(swarm, { accept: () => undefined })];
    b.server.on('echo', (_ctx, n) => n);
    const client = await enter(b, '/');
    const [generated = ''] = b.server.nodes.keys();
    await expect(a.server.send(generated, 'echo', 1)).resolves.toBe(1);
    const left = new Promise((resolve) => b.server.events.on('left', resolve));

    client.close();
    await left;

    await expect(a.server.send(generated, 'echo', 1)).rejects.toMatchObject(unreachable);
    await b.server.close();
    await expect(a.server.send(generated, 'echo', 1)).rejects.toMatchObject(unreachable);
  });
});

describe('ordering', () => {
  it('keeps 200 requests in order: to a node near or far, and from its own client', async () => {
    const swarm = memory('memory:seed-order');
    const [a, b] = [await open(swarm), await open(swarm)];
    const [client] = await Promise.all([enter(a, '/ani'), enter(b, '/sheev')]);
    const heard: { [whom: string]: number[] } = { near: [], far: [], own: [] };
    a.server.on('count', (_ctx, n: number) => heard['near']?.push(n));
    b.server.on('count', (_ctx, n: number) => heard['far']?.push(n));
    a.server.client.on('count', (_ctx, n: number) => heard['own']?.push(n));
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const node = a.server.nodes.get('/ani');

    const asked = numbers.flatMap((n) => [
      node?.send('/ani', 'count', n),
      node?.send('/sheev', 'count', n),
      client.send('count', n),
    ]);
    await Promise.all(asked);

    expect(heard).toEqual({ near: numbers, far: numbers, own: numbers });
  });
});

describe('reply correlation, between nodes', () => {
  it('keeps apart what two servers ask, though both count from 1', async () => {
    const swarm = memory('memory:seed-reply');
    const [a, b, c] = [await open(swarm), await open(swarm), await open(swarm)];
    await enter(c, '/sheev');
    const finish = new Map<unknown, (value: unknown) => void>();
    const both = new Promise<void>((resolve) => {
      c.server.on('ask', (_ctx, who) => {
        const answer = new Promise((settle) => finish.set(who, settle));
        if (finish.size === 2) resolve();
        return answer;
      });
    });
    const asked = [a.server.send('/sheev', 'ask', 'a'), b.server.send('/sheev', 'ask', 'b')];
    await both;

    finish.get('b')?.('for b');
    finish.get('a')?.('for a');

    await expect(Promise.all(asked)).resolves.toEqual(['for a', 'for b']);
  });
});

describe('broker connection lost', () => {
  it('fails what needs the broker, leaves alone what does not, and ends no process', async () => {
    const inner = memory('memory:seed-lost');
    const hosts: LinkHost[] = [];
    const connectOnce = async (host: LinkHost) => {
      if (hosts.push(host) > 1) throw new Error('the broker is gone');
      return inner.connect(host);
    };
    const a = await open({ ...inner, connect: connectOnce });
    const b = await open(inner);
    const client = await enter(a, '/ani');
    await enter(b, '/sheev');
    a.server.client.on('who', (ctx) => ctx.node.id);
    a.server.on('load', () => 'here');
    const asked = new Promise<void>((resolve) => {
      b.server.on('never', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const inFlight = a.server.send('/sheev', 'never');
    await asked;

    hosts[0]?.lost(new Error('ECONNRESET'));

    await expect(inFlight).rejects.toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    await expect(a.server.send('/sheev', 'never')).rejects.toMatchObject({
      ...{ subtype: 'closed', delivered: 'no' },
    });
    await expect(a.server.send('/ani', 'load')).resolves.toBe('here');
    await expect(client.send('who')).resolves.toBe('/ani');
  });
});

describe('server-side ping', () => {
  it('ends a node whose client does not answer, not before as many pings as were set', async () => {
    const options = { heartbeatMs: 20, heartbeatStrikesMax: 2 };
    const { server, url } = await open(memory('memory:seed-dead'), options);
    const left = new Promise((resolve) => server.events.on('left', resolve));
    let pings = 0;

    const ws = new WebSocket(`${url}/dead`, { autoPong: false });
    onTestFinished(() => ws.terminate());
    ws.on('ping', () => {
      pings += 1;
    });
    await once(ws, 'close');

    expect(await left).toBe('/dead');
    expect(pings).toBeGreaterThanOrEqual(2);
  });

  // The process is held up between a ping and its pong, so that the next round comes before the
  // pong is read. With one strike allowed, a round that strikes is the end.
  it('kills no node when the event loop stalls for longer than its interval', async () => {
    const options = { heartbeatMs: 400, heartbeatStrikesMax: 1 };
    const house = await open(memory('memory:seed-stall'), options);
    house.server.client.on('echo', (_ctx, n) => n);
    const ws = new WebSocket(`${house.url}/ani`);
    onTestFinished(() => ws.terminate());

    await once(ws, 'ping');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    await once(ws, 'ping');
    await once(ws, 'ping');

    expect(house.server.nodes.get('/ani')?.isOpen).toBe(true);
  });
});
