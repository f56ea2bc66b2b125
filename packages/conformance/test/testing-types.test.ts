import { type Client, contract, createServer, fn, type Node, type Server } from '@swarm/core';
import * as v from 'valibot';
import { expect, expectTypeOf, it } from 'vitest';
import { testSwarm } from '../src/testing/index.ts';

const shop = contract({
  node: { order: fn(v.string()).returns(v.number()) },
  client: { confirm: fn(v.string()).returns(v.boolean()) },
  server: {},
});
type Shop = typeof shop;

it('types servers, clients and nodes by their contracts', async () => {
  await using swarm = testSwarm();

  const server = await swarm.server({ contract: shop });
  expectTypeOf(server).toEqualTypeOf<Server<Shop>>();
  const started = await swarm.server((place) => createServer({ ...place, contract: shop }));
  expectTypeOf(started).toEqualTypeOf<Server<Shop>>();
  const untyped = await swarm.server();
  expectTypeOf(untyped).toEqualTypeOf<Server>();

  server.client.on('order', (ctx, item) => {
    expectTypeOf(ctx.node).toEqualTypeOf<Node<Shop>>();
    return item.length;
  });
  const { client, node } = await swarm.client(server, {
    contract: shop,
    setup: (made) => {
      expectTypeOf(made).toEqualTypeOf<Client<Shop>>();
      made.on('confirm', (_ctx, item) => item === 'tea');
    },
  });
  expectTypeOf(client).toEqualTypeOf<Client<Shop>>();
  expectTypeOf(node).toEqualTypeOf<Node<Shop>>();
  expectTypeOf(client.call.order).returns.toEqualTypeOf<Promise<number>>();
  expect(await client.call.order('tea')).toBe(3);
  expect(await node.client.call.confirm('tea')).toBe(true);

  const either = await swarm.client(() => server);
  expectTypeOf(either.client).toEqualTypeOf<Client>();
  expectTypeOf(either.node).toEqualTypeOf<Node<Shop>>();
});

it('leaves swarm and runtime to the test swarm', async () => {
  await using swarm = testSwarm();
  const { runtime } = swarm;

  // @ts-expect-error: every server has a runtime of its own
  const server = await swarm.server({ runtime });
  // @ts-expect-error: and so has every client
  const { client } = await swarm.client(server, { runtime });

  expect([server.isOpen, client.isOpen]).toEqual([true, true]);
});
