import { describe, expect, it } from 'vitest';
import { Host, open, WAYS } from './fixture.ts';
import { INFO, Scripted } from './scripted.ts';

const infoOf = (...urls: readonly string[]) => ({ ...INFO, cluster: 'c', connect_urls: urls });

describe.each(WAYS.slice(0, 2))('of the cluster that a server is in, over %s', (_name, swarmAt) => {
  async function openAt(info: object) {
    const server = await Scripted.start(info);
    const host = new Host();
    const link = await open(swarmAt(server.url), host);
    /** Resolves when the link has heard it. */
    const tell = async (...urls: readonly string[]) => {
      server.say(`INFO ${JSON.stringify(infoOf(...urls))}\r\n`);
      await link.subscribe([]);
    };
    return { server, host, link, tell };
  }

  it.each([
    ['nothing is known', INFO, false],
    ['the name is known', { ...INFO, cluster: 'c' }, true],
    ['other servers are known', { ...INFO, connect_urls: ['a:1', 'b:1'] }, true],
  ])('a link says whether it is gradual when %s', async (_what, info, isGradual) => {
    expect((await openAt(info)).link.isGradual).toBe(isGradual);
  });

  it('a link is told once that it has healed after it opened, and where there is one only', async () => {
    const alone = await openAt(INFO);
    const { host } = await openAt(infoOf('a:1'));

    await host.until(({ healings }) => healings > 0);

    expect([alone.host.healings, host.healings]).toEqual([0, 1]);
  });

  it('a link is told of those that came, not of those that went, and no more once it is closed', async () => {
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => openAt(infoOf('a:1', 'b:1'))));
    const [fewer, closed, lost, same, more] = all as [End, End, End, End, End];
    await Promise.all(all.map(({ host }) => host.until(({ healings }) => healings === 1)));

    await fewer.tell('a:1');
    await closed.tell('a:1', 'b:1', 'c:1');
    await lost.tell('a:1', 'b:1', 'c:1');
    await closed.link.close();
    await lost.server.stop();
    // It may have missed that one went meanwhile.
    await same.tell('a:1', 'b:1');
    await more.tell('a:1', 'c:1');
    await Promise.all([same, more].map(({ host }) => host.until(({ healings }) => healings > 1)));

    expect(all.map(({ host }) => host.healings)).toEqual([1, 1, 1, 2, 2]);
  });

  it('a link is told once of many that come at once', async () => {
    const [many, one] = [await openAt(infoOf('a:1')), await openAt(infoOf('a:1'))];

    for (const url of ['b:1', 'c:1', 'd:1']) await many.tell('a:1', url);
    await one.tell('a:1', 'b:1');
    await one.host.until(({ healings }) => healings > 0);
    await one.tell('a:1', 'b:1', 'c:1');
    await one.host.until(({ healings }) => healings > 1);

    expect(many.host.healings).toBe(1);
  });

  it('links that are over leave no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers().length;

    for (let i = 0; i < 50; i += 1) {
      const { link, host, server } = await openAt(infoOf('a:1'));
      if (i % 2 === 0) await link.close();
      else server.reset();
      if (i % 2 === 1) await host.until(({ losses }) => losses.length > 0);
    }

    // Some are the test runner's own, and come and go.
    expect(timers().length - before).toBeLessThan(10);
  });

  type End = Awaited<ReturnType<typeof openAt>>;
});
