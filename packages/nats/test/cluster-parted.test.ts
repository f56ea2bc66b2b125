import { requireBroker } from '@swarm/conformance/brokers';
import { createServer, type Server, type Socket, SwarmError } from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nats } from '../src/index.ts';
import { type End, openAt, startPair, startServers, untilUnheard } from './cluster-fixture.ts';
import { WAYS } from './fixture.ts';

describe.runIf(requireBroker('nats')).each(WAYS.slice(0, 2))('over %s', (_name, swarmAt) => {
  it('links at both sides are told when parted servers have found each other', async () => {
    const pair = await startPair();
    const ends = await openAt([pair.one.url, pair.other.url], swarmAt);
    const [one, other] = ends as [End, End];
    for (const { host, link } of ends) {
      expect(link.isGradual).toBe(true);
      await host.until(({ healings }) => healings > 0);
    }

    pair.part();
    await untilUnheard(one, other.host.inbox);
    await untilUnheard(other, one.host.inbox);
    const before = ends.map(({ host }) => host.healings);
    for (const { host } of ends) host.heard.length = host.verdicts.length = 0;
    await pair.rejoin();
    for (const [from, to] of [ends, ends.toReversed()] as [End, End][]) {
      await from.host.until(({ healings }) => healings > 1);
      from.link.publish(to.host.inbox, Buffer.from('again'), 1);
    }
    await Promise.all(ends.map(({ host }) => host.until(({ heard }) => heard.length > 0)));

    expect(before).toEqual([1, 1]);
    expect(ends.map(({ host }) => [host.healings, host.verdicts, host.losses])).toEqual([
      [2, [], []],
      [2, [], []],
    ]);
  });
});

/** A client that never says anything. */
const SILENT: Socket = { bufferedBytes: 0, attach() {}, send() {}, close() {} };

describe.runIf(requireBroker('nats'))('of servers in a cluster', () => {
  it.each(['newest', 'oldest'] as const)(
    'one owns an id that both sides of a partition took, once it has healed (%s)',
    async (takeover) => {
      const pair = await startPair();
      const sides = await Promise.all(
        [pair.one, pair.other].map(({ url }) => serve(url, takeover)),
      );
      const [one, other] = sides as [Server, Server];
      await one.createNode(SILENT, { id: 'one' });
      await other.createNode(SILENT, { id: 'other' });
      const reached = () => Promise.all([whereIs('other', one), whereIs('one', other)]);
      await expect.poll(reached).toEqual([pair.other.url, pair.one.url]);

      pair.part();
      await expect.poll(reached).toEqual(['unreachable', 'unreachable']);
      await Promise.all(sides.map((side) => side.createNode(SILENT, { id: 'alice' })));
      expect(sides.map((side) => side.nodes.has('alice'))).toEqual([true, true]);
      expect(sides.map((side) => side.isLinked)).toEqual([true, true]);
      await pair.rejoin();
      await Promise.race(sides.map((side) => left(side, 'alice')));

      await expectOneOwner('alice', sides);
    },
  );

  it('one owns an id that two take at once, 200 times', async () => {
    const cluster = await startServers();
    const servers = await Promise.all(cluster.nodes.map(({ url }) => serve(url)));
    const [one, other] = servers as [Server, Server, Server];

    for (let i = 0; i < 200; i += 1) {
      const id = `id${i}`;
      const yielded = Promise.race([left(one, id), left(other, id)]);
      await Promise.all([one, other].map((server) => server.createNode(SILENT, { id })));
      await yielded;
    }

    for (let i = 0; i < 200; i += 1) await expectOneOwner(`id${i}`, servers);
  });

  it('one owns an id that two take as soon as they are there', async () => {
    const cluster = await startServers();
    const urls = cluster.nodes.map(({ url }) => url);

    const rounds = Array.from({ length: 20 }, async (_, i) => {
      const servers = await Promise.all(urls.map((url) => serve(url)));
      const [one, other] = servers as [Server, Server, Server];
      const id = `id${i}`;
      const yielded = Promise.race([left(one, id), left(other, id)]);
      await Promise.all([one, other].map((server) => server.createNode(SILENT, { id })));
      await yielded;
      await expectOneOwner(id, servers);
    });
    await Promise.all(rounds);
  });
});

async function serve(url: string, takeover: 'newest' | 'oldest' = 'newest'): Promise<Server> {
  const server = await createServer({ swarm: nats(url), takeover });
  onTestFinished(() => server.close());
  server.on('who', () => url);
  return server;
}

/** Where the node is, for this server, or what a call of it fails with. */
async function whereIs(id: string, asking: Server): Promise<unknown> {
  try {
    return await asking.with({ timeoutMs: 1_000 }).send(id, 'who');
  } catch (error) {
    return SwarmError.is(error) ? error.subtype : error;
  }
}

function left(server: Server, id: string): Promise<void> {
  return new Promise((resolve) => {
    const off = server.events.on('left', (gone) => {
      if (gone !== id) return;
      off();
      resolve();
    });
  });
}

/** Whoever asks, it is the one that has the node. */
async function expectOneOwner(id: string, servers: readonly Server[]): Promise<void> {
  expect(servers.filter(({ nodes }) => nodes.has(id))).toHaveLength(1);
  const places = await Promise.all(servers.map((server) => whereIs(id, server)));
  expect(new Set(places).size).toBe(1);
  expect(places[0]).toMatch(/^nats:/);
}
