import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { nats } from '../src/index.ts';
import {
  type End,
  openAt,
  type Pair,
  reach,
  startPair,
  startServers,
  untilUnheard,
} from './cluster-fixture.ts';
import { Host, open } from './fixture.ts';

describe.runIf(requireBroker('nats'))('in a cluster', () => {
  it('only the links at a server that is killed are lost', async () => {
    const cluster = await startServers();
    const ends = await openAt(cluster.nodes.map(({ url }) => url));
    const [dead, ...others] = ends as [End, End, End];

    await cluster.nodes[0]?.kill();
    await dead.host.until(({ losses }) => losses.length > 0);
    for (const end of others) await untilUnheard(end, dead.host.inbox);
    const again = { host: dead.host, link: await open(nats(cluster.url), dead.host) };

    for (const end of others) {
      await reach(end, again.host);
      await reach(again, end.host);
      expect(end.host.losses).toEqual([]);
    }
    expect(dead.host.losses).toHaveLength(1);
  });

  it('a link comes about for as long as one server is left, wherever chance leads first', async () => {
    const cluster = await startServers();
    const [one, other] = cluster.nodes;

    await Promise.all([one?.kill(), other?.kill()]);

    for (let i = 0; i < 20; i += 1) await open(nats(cluster.url), new Host(`swarm.p.${i}`));
  });
});

describe.runIf(requireBroker('nats')).each<[string, (pair: Pair, to: End) => unknown]>([
  ['has unsubscribed', (_pair, { host, link }) => link.unsubscribe([host.inbox])],
  ['has closed', (_pair, { link }) => link.close()],
  ['is lost with its server', ({ other }) => other.kill()],
  ['is behind a route that breaks', ({ part }) => part()],
])('of what goes to another server, to a link that %s', (_how, disturb) => {
  it('a verdict is told for nothing that it heard', async () => {
    const pair = await startPair();
    const [from, to] = (await openAt([pair.one.url, pair.other.url])) as [End, End];
    to.host.heard.length = 0;

    const talking = talk(from, to);
    await to.host.until(({ heard }) => heard.length > 500);
    await disturb(pair, to);
    await talking;

    const heard = new Set(to.host.heard.map(({ payload }) => `${Buffer.from(payload)}`));
    expect(from.host.verdicts.filter((token) => heard.has(`${token}`))).toEqual([]);
  });
});

describe.runIf(requireBroker('nats'))('what goes to another server is silent', () => {
  it('while that one hangs, and is not told of when it is gone', async () => {
    const pair = await startPair();
    const [from, to] = (await openAt([pair.one.url, pair.other.url])) as [End, End];

    await pair.other.pause();
    await expectSilence(from, to);
    await pair.other.kill();
    await expectVerdictsForTheRestOnly(from, to);
  });

  it('while the route stands still, and is not told of when that is lost', async () => {
    const pair = await startPair();
    const [from, to] = (await openAt([pair.one.url, pair.other.url])) as [End, End];

    pair.route.drop();
    await expectSilence(from, to);
    pair.part();
    await expectVerdictsForTheRestOnly(from, to);
    await pair.rejoin();
    await expect.poll(() => to.host.healings, { timeout: 10_000 }).toBeGreaterThan(0);
    await reach(from, to.host);

    expect(to.host.texts.filter((text) => text.endsWith('silent'))).toEqual([]);
  });
});

const SILENT = Array.from({ length: 100 }, (_, i) => 1_000_000 + i);

async function expectSilence({ host, link }: End, to: End): Promise<void> {
  for (const token of SILENT) link.publish(to.host.inbox, Buffer.from('silent'), token);
  await link.subscribe([]);
  expect(host.verdicts).toEqual([]);
}

async function expectVerdictsForTheRestOnly(from: End, to: End): Promise<void> {
  await untilUnheard(from, to.host.inbox);
  const silent = new Set(SILENT);
  expect(from.host.verdicts.filter((token) => silent.has(token))).toEqual([]);
}

/** Says one thing after another until it was told often enough that nobody hears. */
async function talk({ host, link }: End, to: End): Promise<void> {
  for (let token = 1; host.verdicts.length < 500; token += 1) {
    link.publish(to.host.inbox, Buffer.from(`${token}`), token);
    if (token % 50 === 0) await link.subscribe([]);
  }
}
