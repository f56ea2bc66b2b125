import { testSwarm } from '@swarm/conformance/testing';
import { contract, createServer, fn, type Server } from '@swarm/core';
import * as v from 'valibot';
import { expect, it } from 'vitest';

const shop = contract({
  node: { order: fn(v.string()).returns(v.string()) },
  client: { confirm: fn(v.string()).returns(v.boolean()) },
  server: { stock: fn().returns(v.number()) },
});

/** The application: it orders what the client confirms within 30 s. */
function sell(server: Server<typeof shop>): void {
  server.client.on('order', async (ctx, item) => {
    const { confirm } = ctx.node.client.with({ timeoutMs: 30_000 }).call;
    const answer = await confirm.safe(item);
    return answer.ok && answer.result ? `${item} ordered` : `${item} forgotten`;
  });
}

it('forgets an order that is not confirmed within 30 s', async () => {
  await using swarm = testSwarm();
  const server = await swarm.server({ contract: shop });
  sell(server);
  const { client } = await swarm.client(server, { contract: shop, requestTimeoutMs: 60_000 });
  client.on('confirm', () => swarm.clock.sleep(45_000).then(() => true));

  const order = client.call.order('tea');
  await swarm.clock.advance(30_100);

  expect(await order).toBe('tea forgotten');
});

it('orders what is confirmed at once, without any time passing', async () => {
  await using swarm = testSwarm();
  const server = await swarm.server({ contract: shop });
  sell(server);
  const { client } = await swarm.client(server, { contract: shop });
  client.on('confirm', () => true);

  expect(await client.call.order('tea')).toBe('tea ordered');
  expect(swarm.clock.nowMs).toBe(0);
});

it('keeps one of two devices with the same id', async () => {
  await using swarm = testSwarm();
  const servers = [await swarm.server(), await swarm.server()] as const;
  const phone = await swarm.client(servers[0], { id: 'ada', auth: { device: 'phone' } });
  const laptop = await swarm.client(servers[1], { id: 'ada', auth: { device: 'laptop' } });
  await swarm.clock.advance(0);

  expect([phone.client.isOpen, laptop.client.isOpen]).toEqual([false, true]);
  expect(servers.map(({ nodes }) => nodes.size)).toEqual([0, 1]);
  expect(laptop.node.auth).toEqual({ device: 'laptop' });
});

it('moves clients to another server when theirs closes', async () => {
  await using swarm = testSwarm();
  const old = await swarm.server((place) => createServer({ ...place, contract: shop }));
  const next = await swarm.server((place) => createServer({ ...place, contract: shop }));
  const { client } = await swarm.client(() => (old.isOpen ? old : next), { contract: shop });

  await old.close();
  await swarm.clock.until(client.ready());

  expect(next.nodes.size).toBe(1);
});

it('asks the other server again once the network is back', async () => {
  await using swarm = testSwarm();
  const here = await swarm.server({ contract: shop });
  const there = await swarm.server({ contract: shop });
  there.on('stock', () => swarm.clock.sleep(1_000).then(() => 7));
  await swarm.client(there, { id: 'ada' });

  const inFlight = here.call('ada').stock.safe();
  await swarm.clock.advance(100);
  swarm.network.cut(here);
  const afterwards = here.call('ada').stock.safe();

  // It may have run, so it is not safe to ask again; the second call never left.
  expect(await inFlight).toMatchObject({ error: { subtype: 'closed', delivered: 'unknown' } });
  expect(await afterwards).toMatchObject({ error: { subtype: 'closed', delivered: 'no' } });

  swarm.network.heal(here);
  await swarm.clock.advance(2_000);
  expect(here.isLinked).toBe(true);
  expect(await swarm.clock.until(here.call('ada').stock())).toBe(7);
});

it('welcomes a client that comes back', async () => {
  await using swarm = testSwarm();
  const server = await swarm.server({ contract: shop });
  const ada = await swarm.client(server, { id: 'ada', contract: shop });
  const before = ada.node;

  swarm.network.cut(ada.client);
  expect([ada.client.isOpen, before.isOpen, server.nodes.size]).toEqual([false, false, 0]);
  await swarm.clock.advance(60_000);
  expect(ada.client.isOpen).toBe(false);

  swarm.network.heal(ada.client);
  await swarm.clock.advance(15_000);
  expect(ada.client.isOpen).toBe(true);
  expect(server.nodes.get('ada')).toBe(ada.node);
  expect(ada.node).not.toBe(before);
});

it('notices a client that has gone without a word', async () => {
  await using swarm = testSwarm();
  const server = await swarm.server({ contract: shop });
  const { client, node } = await swarm.client(server, { contract: shop });

  swarm.network.drop(client);
  const asked = node.client.with({ timeoutMs: 500 }).call.confirm.safe('tea');
  await swarm.clock.advance(600);
  expect(await asked).toMatchObject({ error: { subtype: 'timeout', delivered: 'unknown' } });
  expect([client.isOpen, node.isOpen]).toEqual([true, true]);

  await swarm.clock.advance(45_000);
  expect([client.isOpen, node.isOpen]).toEqual([false, false]);
});

it('takes 80 ms to ask a node on another server, and to hear from it', async () => {
  await using swarm = testSwarm();
  const here = await swarm.server({ contract: shop });
  const there = await swarm.server({ contract: shop });
  there.on('stock', () => 7);
  await swarm.client(there, { id: 'ada' });

  swarm.network.latency(20);
  const startMs = swarm.clock.nowMs;
  expect(await swarm.clock.until(here.call('ada').stock())).toBe(7);

  // From a server to the broker, from there to the other server, and back.
  expect(swarm.clock.nowMs - startMs).toBe(80);
});
