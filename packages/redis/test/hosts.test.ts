import { describe, expect, it, vi } from 'vitest';
import { redis } from '../src/index.ts';
import { type FakeRedis, hello, refuse, startFake } from './fake-redis.ts';
import { open, printed, refusal, stopAfter } from './fixture.ts';

/** The URL of several hosts, with the login that one has. */
function urlOf(fakes: readonly Pick<FakeRedis, 'port'>[], login = ''): string {
  return `redis://${login}${fakes.map(({ port }) => `127.0.0.1:${port}`).join()}`;
}

/** The next links ask the hosts of their URL in this order, from 0 on. */
function ask(...order: readonly number[]): void {
  const lots = order.map((_host, i) => 1 - order.indexOf(i) / order.length);
  let draws = 0;
  const random = vi.spyOn(Math, 'random').mockImplementation(() => {
    draws += 1;
    return lots[(draws - 1) % lots.length] ?? 0;
  });
  stopAfter(() => random.mockRestore());
}

/** Nobody listens here. */
const NOWHERE = { port: 1 };

describe('of the hosts of a URL', () => {
  it('each gets its share of links, with the one login', async () => {
    const fakes = await Promise.all([startFake(), startFake(), startFake()]);
    const swarm = redis(urlOf(fakes, 'jane:s3cret@'));

    for (let i = 0; i < 60; i += 1) await open(swarm);

    const counts = fakes.map(({ sockets }) => sockets.size);
    expect(counts.reduce((sum, count) => sum + count)).toBe(120);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    for (const { commands } of fakes) expect(commands).toContain('auth jane s3cret');
  });

  it('those that cannot be used are passed over', async () => {
    const [replica, locked, good] = await Promise.all([
      startFake({ HELLO: hello('standalone', 'replica') }),
      startFake({ PUBLISH: refuse('NOPERM not you') }),
      startFake(),
    ]);
    ask(0, 1, 2, 3);

    await open(redis(urlOf([NOWHERE, replica, locked, good])));

    expect([replica, locked, good].map(({ sockets }) => sockets.size)).toEqual([0, 0, 2]);
    expect([replica, locked].every(({ commands }) => commands.includes('hello 2'))).toBe(true);
  });

  it('one that never answers leaves time for the next', async () => {
    let asked = () => {};
    const asking = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const [silent, good] = [await startFake({ HELLO: () => asked() }), await startFake()];
    ask(0, 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stopAfter(() => vi.useRealTimers());

    const opening = open(redis(urlOf([silent, good])));
    await asking;
    vi.advanceTimersByTime(2_500);
    await opening;

    expect(good.sockets.size).toBe(2);
  });

  it('none can be used: what is wrong with each is said, and no secret', async () => {
    const replica = await startFake({ HELLO: hello('standalone', 'replica') });
    const url = urlOf([NOWHERE, replica, { port: 2 }], 'jane:s3cret@');
    ask(0, 1, 2);

    const error = await refusal(url);

    expect(error.message).toBe(
      `${url.replace('jane:s3cret@', '')}: connect ECONNREFUSED 127.0.0.1:1; ` +
        'not a primary, but a replica; connect ECONNREFUSED 127.0.0.1:2',
    );
    expect(printed(error)).not.toMatch(/jane|s3cret/);
  });

  it('one is asked when there are Sentinels, which name another', async () => {
    const sentinel = await startFake({ SENTINEL: (socket) => socket.write('*-1\r\n') });
    const options = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' };

    await refusal('redis://main,other', options);

    const questions = sentinel.commands.filter((command) => command.includes('get-master'));
    // Of either connection.
    expect(questions).toHaveLength(2);
  });
});
