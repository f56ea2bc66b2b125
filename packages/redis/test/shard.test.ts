import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { type RedisOptions, redis } from '../src/index.ts';
import { type Answer, afterOpening, hello, node, refuse, startFake } from './fake-redis.ts';
import { failure, type Linked, open, refusal, stopAfter } from './fixture.ts';

const [OURS, OTHER] = ['a'.repeat(40), 'b'.repeat(40)];
const SELF = { id: OURS, host: '127.0.0.1' };

/** A link to a node that has the namespace, and answers as usual but for these. */
async function openShard(answers: Readonly<Record<string, Answer>> = {}): Promise<Linked> {
  const { url } = await startFake({ ...node(OURS, () => SELF), ...answers });
  return open(redis(url));
}

describe('a node of a Cluster that is not the primary', () => {
  it('names the one that is, and has no connection then', async () => {
    const primary = await startFake(node(OURS, () => SELF));
    const other = await startFake(node(OTHER, () => ({ ...SELF, port: primary.port })));

    const { host } = await open(redis(other.url));

    expect(primary.commands).toContain(`ssubscribe {swarm}aaaaaaaaaaaa.${host.inbox}`);
    await vi.waitUntil(() => other.sockets.size === 0);
  });

  it('means its own host when it names none', async () => {
    for (const unknown of [null, '']) {
      const primary = await startFake(node(OURS, () => SELF));
      const owner = { id: OURS, host: unknown, port: primary.port };
      const other = await startFake(node(OTHER, () => owner));

      await open(redis(other.url));

      expect(primary.sockets.size).toBe(2);
    }
  });

  it.each([
    ['a table', (place) => ({ 'inside:7000': place })],
    ['a function', (place) => (name: string) => (name === 'inside:7000' ? place : null)],
  ] satisfies [string, (place: { host: string; port: number }) => RedisOptions['natMap']][])(
    'is told apart from here by natMap, as %s',
    async (_kind, natMapOf) => {
      const primary = await startFake(node(OURS, () => SELF));
      const other = await startFake(node(OTHER, () => ({ id: OURS, host: 'inside', port: 7_000 })));

      await open(redis(other.url, { natMap: natMapOf({ host: '127.0.0.1', port: primary.port }) }));

      expect(primary.sockets.size).toBe(2);
    },
  );

  it('is asked once, although another names it', async () => {
    let ports: readonly number[] = [];
    const [one, two] = await Promise.all([
      startFake(node(OURS, () => ({ id: OTHER, host: '127.0.0.1', port: ports[1] ?? 0 }))),
      startFake(node(OTHER, () => ({ id: OURS, host: '127.0.0.1', port: ports[0] ?? 0 }))),
    ]);
    ports = [one.port, two.port];

    const { message } = await refusal(`${one.url},127.0.0.1:${two.port}`);

    expect(message).toContain(': every node says that another one is the primary');
    expect([one, two].map(({ commands }) => commands.filter((text) => text === 'hello 2').length))
      // Of either connection.
      .toEqual([2, 2]);
  });
});

describe('a Cluster is refused', () => {
  it('if it is too old for channels of slots', async () => {
    const { url } = await startFake({
      ...node(OURS, () => SELF),
      HELLO: hello('cluster', 'master', '6.2.14'),
    });

    expect((await refusal(url)).message).toBe(
      `${url}: a Cluster of Redis 6.2.14, and not of 7 or newer`,
    );
  });

  it('if the two connections of a link come to two nodes', async () => {
    const ids = new Map<Socket, string>();
    const { url } = await startFake({
      ...node(OURS, () => SELF),
      CLUSTER: (socket, args) => {
        const id = ids.get(socket) ?? (ids.size === 0 ? OURS : OTHER);
        ids.set(socket, id);
        node(id, () => ({ id, host: '127.0.0.1' }))['CLUSTER']?.(socket, args);
      },
    });

    expect((await refusal(url)).message).toBe(`${url}: two nodes behind one name`);
  });

  it.each(['CLUSTER', 'SPUBLISH', 'SSUBSCRIBE'])('if it lets nobody %s', async (command) => {
    const { url, sockets } = await startFake({
      ...node(OURS, () => SELF),
      [command]: refuse('NOPERM User jane has no permissions'),
    });

    expect((await refusal(url)).message).toBe(`${url}: NOPERM the user has no permissions`);
    await vi.waitUntil(() => sockets.size === 0);
  });
});

describe('a link of a Cluster', () => {
  it.each(['MOVED 8039 127.0.0.1:7001', 'CLUSTERDOWN The cluster is down'])(
    'ends with a publish that is answered by %s, and that nobody heard',
    async (text) => {
      const { host, link } = await openShard({ SPUBLISH: afterOpening(refuse(text)) });

      link.publish('swarm.n.1', Buffer.from('x'), 7);
      await host.isLost();

      expect(host.verdicts).toEqual([7]);
      expect(String(host.losses[0])).toContain(text);
    },
  );

  it.each(['MOVED 8039 127.0.0.1:7001', 'CLUSTERDOWN The cluster is down'])(
    'ends with a subscribe or an unsubscribe that is answered by %s',
    async (text) => {
      const subscribe = node(OURS, () => SELF)['SSUBSCRIBE'];
      const answers = {
        SSUBSCRIBE: (socket: Socket, args: readonly string[]) => {
          if (args[0]?.includes('.n.')) refuse(text)(socket, args);
          else subscribe?.(socket, args);
        },
        SUNSUBSCRIBE: refuse(text),
      };
      for (const act of ['subscribe', 'unsubscribe'] as const) {
        const { host, link } = await openShard(answers);

        const error = await failure(link[act](['swarm.n.1']));
        await host.isLost();

        expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
        expect(host.losses).toHaveLength(1);
      }
    },
  );

  it('goes on when Redis refuses one publish', async () => {
    const { host, link } = await openShard({ SPUBLISH: afterOpening(refuse('NOPERM not here')) });

    link.publish('swarm.n.1', Buffer.from('x'), 7);
    await host.until(() => host.verdicts.length > 0);

    expect([host.verdicts, host.losses]).toEqual([[7], []]);
  });

  it('ends when its channels are taken from it', async () => {
    let subscriber: Socket | undefined;
    const subscribe = node(OURS, () => SELF)['SSUBSCRIBE'];
    const { host } = await openShard({
      SSUBSCRIBE: (socket, args) => {
        subscriber = socket;
        subscribe?.(socket, args);
      },
    });

    const channel = `{swarm}aaaaaaaaaaaa.${host.inbox}`;
    subscriber?.write(`*3\r\n$12\r\nsunsubscribe\r\n$${channel.length}\r\n${channel}\r\n:0\r\n`);
    await host.isLost();

    expect(String(host.losses[0])).toContain('the channels are at another node');
  });

  it('ends within a second when its node is a primary no more, and says nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stopAfter(() => vi.useRealTimers());
    let role = 'master';
    let greetings = 0;
    const { host, link } = await openShard({
      HELLO: (socket, args) => {
        greetings += 1;
        hello('cluster', role)(socket, args);
      },
    });
    const again = async () => {
      const before = greetings;
      vi.advanceTimersByTime(1_000);
      while (greetings === before) await new Promise((resolve) => setImmediate(resolve));
    };

    // Each answer has the next question asked.
    await again();
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(host.losses).toEqual([]);
    role = 'replica';
    await again();
    await host.isLost();
    await link.close();

    expect(String(host.losses[0])).toContain('no longer a primary, but a replica');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a timer while it is open, as no other link has', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stopAfter(() => vi.useRealTimers());
    const single = await open(redis((await startFake()).url));
    expect(vi.getTimerCount()).toBe(0);

    const { link } = await openShard();
    expect(vi.getTimerCount()).toBe(1);
    // ioredis ends its own with the connection.
    await Promise.all([link.close(), single.link.close()]);

    expect(vi.getTimerCount()).toBe(0);
  });
});
