import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as classic from 'zod';
import * as z from 'zod/mini';
import {
  type AnyContract,
  contract,
  createClient,
  event,
  fn,
  type Group,
  swarmJson,
} from '../src/index.ts';
import { arena } from './arena.ts';
import { failure, meet, serve } from './ends.ts';
import { other } from './other-arena.ts';
import { PairedSocket } from './pair.ts';

describe('contract()', () => {
  const refused = [
    ...['then', 'safe', 'prototype', 'constructor', '__proto__', 'toString', 'hasOwnProperty'],
    ...['a.b', '*', '>', 'a*', '', 'x'.repeat(257), 'é'.repeat(129), '\ud800'],
  ];

  it.each(refused)('refuses the name %j in every group, at every depth', (name) => {
    for (const member of [fn(), event()]) {
      const group: Group = { [name]: member };
      for (const key of ['node', 'client', 'server']) {
        expect(() => contract({ [key]: group })).toThrow(TypeError);
      }
      expect(() => contract({ node: { fine: { deep: group } } })).toThrow(TypeError);
    }
  });

  it.each(refused)('refuses a group of the name %j', (name) => {
    expect(() => contract({ node: { [name]: { fine: fn() } } })).toThrow(TypeError);
    expect(() => contract({ node: { fine: { [name]: { fine: fn() } } } })).toThrow(TypeError);
  });

  it('names what it refuses', () => {
    expect(() => contract({ node: { orders: { safe: fn() } } })).toThrow('orders.safe');
  });

  it('refuses a dotted name that is too long as a whole', () => {
    const half = 'x'.repeat(128);

    expect(() => contract({ node: { [half]: { [half]: fn() } } })).toThrow(TypeError);
    expect(() => contract({ node: { [half]: { ['x'.repeat(127)]: fn() } } })).not.toThrow();
  });

  const circular: Record<string, unknown> = {};
  circular['again'] = circular;
  const misfits: readonly (readonly [what: string, member: unknown])[] = [
    ['a schema', z.number()],
    ['an object in itself', circular],
    ['null', null],
    ['a text', 'text'],
    ['a number', 5],
    ['a function', () => {}],
  ];
  it.each(misfits)('refuses %s as a member', (_what, member) => {
    const group = Object.fromEntries([['add', member]]);

    expect(() => Reflect.apply(contract, null, [{ node: group }])).toThrow(TypeError);
  });
});

describe('mismatch', () => {
  /** What both ends have reported once they have talked. */
  async function talk(ours: AnyContract, theirs: AnyContract) {
    const server = await serve<AnyContract>({ contract: ours });
    const [near, far] = PairedSocket.pair();
    const client = createClient<AnyContract>(near, { contract: theirs });
    const reports: unknown[] = [];
    client.events.on('mismatch', (info) => reports.push('client', info));
    server.events.on('mismatch', (info, node) => reports.push(node.id, info));
    await server.createNode(far, { id: 'one', dialect: swarmJson });
    await client.ready();
    await failure(client.send('unheard of'));
    client.close();
    return reports;
  }

  it('is reported by both ends when their contracts differ', async () => {
    expect(await talk(arena, other)).toEqual([
      ...['client', { ours: other.info, theirs: arena.info }],
      ...['one', { ours: arena.info, theirs: other.info }],
    ]);
  });

  it('is not there when they agree, or when one end has none', async () => {
    expect(await talk(arena, arena)).toEqual([]);
    expect(await talk(arena, undefined)).toEqual([]);
    expect(await talk(undefined, arena)).toEqual([]);
    expect(await talk(undefined, undefined)).toEqual([]);
  });

  it('does not end the conversation', async () => {
    const server = await serve({ contract: arena });
    const { client } = await meet(server, { contract: other });
    server.client.on('add', (_ctx, a, b) => a + b);

    expect(await failure(client.call.add('1'))).toMatchObject({ subtype: 'invalid' });
    expect(client.isOpen).toBe(true);
  });

  it('sees names, kinds, numbers of arguments and codes, and no order', () => {
    const text = z.string();
    const base = contract({ node: { a: fn(text).throws({ X: text, Y: text }), b: event() } });
    const same = [
      contract({ node: { b: event(), a: fn(z.number()).throws({ Y: text, X: text }) } }),
      contract({ client: {}, server: {}, node: base.groups.node }, { name: 'x', version: '2' }),
    ];
    const others = [
      contract({ client: base.groups.node }),
      contract({ node: { ...base.groups.node, c: fn() } }),
      contract({ node: { ...base.groups.node, b: fn() } }),
      contract({ node: { ...base.groups.node, b: event(text) } }),
      contract({ node: { ...base.groups.node, a: fn(text).throws({ X: text }) } }),
      contract({ node: { ...base.groups.node, a: fn(text, text).throws({ X: text, Y: text }) } }),
      contract({ node: { group: base.groups.node } }),
      contract({}),
    ];

    for (const { info } of same) expect(info.hash).toBe(base.info.hash);
    const hashes = [base, ...others].map(({ info }) => info.hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('has a name and a version to tell contracts by', () => {
    expect(arena.info).toMatchObject({ name: 'arena', version: '1.0.0' });
    expect(other.info).toMatchObject({ name: 'contract', version: '0' });
  });
});

/** The same schemas in the words of each family. */
interface Family {
  readonly text: StandardSchemaV1<string>;
  readonly count: StandardSchemaV1<number>;
  readonly order: StandardSchemaV1<{ item: { price: number } }>;
  readonly length: StandardSchemaV1<string, number>;
}

const FAMILIES: readonly (readonly [vendor: string, family: Family])[] = [
  [
    'zod/mini',
    {
      text: z.string(),
      count: z.number(),
      order: z.object({ item: z.object({ price: z.number() }) }),
      length: z.pipe(
        z.string(),
        z.transform((text) => text.length),
      ),
    },
  ],
  [
    'zod',
    {
      text: classic.string(),
      count: classic.number(),
      order: classic.object({ item: classic.object({ price: classic.number() }) }),
      length: classic.string().transform((text) => text.length),
    },
  ],
  [
    'valibot',
    {
      text: v.string(),
      count: v.number(),
      order: v.object({ item: v.object({ price: v.number() }) }),
      length: v.pipe(
        v.string(),
        v.transform((text) => text.length),
      ),
    },
  ],
  [
    'arktype',
    {
      text: type('string'),
      count: type('number'),
      order: type({ item: { price: 'number' } }),
      length: type('string').pipe((text) => text.length),
    },
  ],
];

describe.each(FAMILIES)('schemas of %s', (_vendor, { text, count, order, length }) => {
  const shop = contract({
    node: {
      price: fn(order, length).returns(count).throws({ SOLD_OUT: order }),
      name: fn(text).returns(length),
      seen: event(count),
    },
  });

  it('work like all others', async () => {
    const server = await serve({ contract: shop });
    const typed = await meet(server, { contract: shop });
    const untyped = await meet(server);
    const cheap = { item: { price: 1 } };
    server.client.on('price', (ctx, { item }, size) => {
      return item.price === 0 ? ctx.fail('SOLD_OUT', { item }) : item.price * size;
    });
    server.client.on('name', (_ctx, name) => name);

    expect(await typed.client.call.price(cheap, 'four')).toBe(4);
    expect(await typed.client.call.name('four')).toBe(4);
    expect(await typed.client.call.price.safe({ item: { price: 0 } }, '')).toMatchObject({
      ok: false,
      error: { code: 'SOLD_OUT', data: { item: { price: 0 } } },
    });
    expect(await failure(untyped.client.send('price', { item: { price: 'x' } }, ''))).toMatchObject(
      {
        subtype: 'invalid',
        delivered: 'no',
        data: { issues: [{ path: 'args.0.item.price', message: expect.any(String) }] },
      },
    );
    expect(await failure(untyped.client.send('price', cheap, 5))).toMatchObject({
      subtype: 'invalid',
      data: { issues: [{ path: 'args.1' }] },
    });
  });

  it('refuse results and events like all others', async () => {
    const { client, node } = await meet(await serve(), { contract: shop });
    node.client.on('name', () => 5);
    node.client.on('price', (ctx) => ctx.fail('SOLD_OUT', { item: {} }));

    expect(await failure(client.call.name('x'))).toMatchObject({
      subtype: 'invalid',
      delivered: 'yes',
      data: { issues: [{ path: 'result' }] },
    });
    expect(await failure(client.call.price({ item: { price: 1 } }, ''))).toMatchObject({
      subtype: 'invalid',
      delivered: 'yes',
      data: { issues: [{ path: 'data.item.price' }] },
    });
  });
});
