import { expectTypeOf } from 'vitest';
import type { Client, Node, Server, SwarmError } from '../src/index.ts';
import type { arena } from './arena.ts';

type Arena = typeof arena;
declare const client: Client<Arena>;
declare const node: Node<Arena>;
declare const server: Server<Arena>;
declare const untyped: Client;

// Calls, by property and by name, on every surface.
expectTypeOf(client.call.add(1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(client.send('add', 1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(client.call.orders.create({ item: 'tea' })).toEqualTypeOf<Promise<string>>();
expectTypeOf(client.send('orders.create', { item: 'tea' })).toEqualTypeOf<Promise<string>>();
expectTypeOf(client.with({ timeoutMs: 5 }).call.add(1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(client.with({ timeoutMs: 5 }).send('add', 1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(node.client.call.alert('hi')).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(node.client.send('alert', 'hi')).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(node.send('id', 'load')).toEqualTypeOf<Promise<number>>();
expectTypeOf(node.call('id').load()).toEqualTypeOf<Promise<number>>();
expectTypeOf(server.send('id', 'load')).toEqualTypeOf<Promise<number>>();
expectTypeOf(server.call('id').load()).toEqualTypeOf<Promise<number>>();
expectTypeOf(node.remoteClient.send('id', 'alert', 'hi')).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(node.remoteClient.call('id').alert('hi')).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(server.remoteClient.with({}).send('id', 'alert', 'x')).toEqualTypeOf<
  Promise<boolean>
>();

// Callers give inputs and get outputs; optional arguments may be left out.
expectTypeOf(client.call.length).parameters.toEqualTypeOf<[string]>();
expectTypeOf(client.call.length('x')).toEqualTypeOf<Promise<string>>();
expectTypeOf(client.call.greet).parameters.toEqualTypeOf<[string, (string | undefined)?]>();
expectTypeOf(client.call.greet('ada')).toEqualTypeOf<Promise<string>>();
expectTypeOf(client.call.untold()).toEqualTypeOf<Promise<unknown>>();

// Errors, without a throw.
const result = await client.call.divide.safe(1, 0);
if (result.ok) expectTypeOf(result.result).toEqualTypeOf<number>();
else if (result.error.code === 'DIVIDE_BY_ZERO') {
  expectTypeOf(result.error.data).toEqualTypeOf<{ dividend: number }>();
  expectTypeOf(result.error).toExtend<SwarmError>();
} else if (result.error.code === 'OVERFLOW') {
  expectTypeOf(result.error.data).toEqualTypeOf<string>();
} else {
  expectTypeOf(result.error.code).toEqualTypeOf<null>();
  expectTypeOf(result.error.data).toEqualTypeOf<unknown>();
}

// Handlers see outputs, and return inputs.
server.client.on('length', (ctx, count) => {
  expectTypeOf(count).toEqualTypeOf<number>();
  expectTypeOf(ctx.node).toEqualTypeOf<Node<Arena>>();
  return count;
});
server.client.on('divide', async (ctx, a, b) => {
  expectTypeOf([a, b]).toEqualTypeOf<number[]>();
  if (b === 0) ctx.fail('DIVIDE_BY_ZERO', { dividend: a });
  return a / b;
});
server.on('load', (ctx) => {
  expectTypeOf(ctx.sender).toEqualTypeOf<string | null>();
  return server.nodes.size;
});
server.client.on('clicked', (_ctx, x, y) => {
  expectTypeOf([x, y]).toEqualTypeOf<number[]>();
});
client.on('alert', (_ctx, text) => {
  expectTypeOf(text).toEqualTypeOf<string>();
  return true;
});
client.on('alert', () => undefined);
server.client.on('orders.*', (_ctx, ...args) => {
  expectTypeOf(args).toEqualTypeOf<unknown[]>();
});
server.client.on('>', () => 1);

// Those before a client see and return what was sent.
server.remoteClient.on('alert', (ctx, text) => {
  expectTypeOf(text).toEqualTypeOf<string>();
  return [`from ${ctx.sender}: ${text}`];
});
server.remoteClient.on('alert', (_ctx, text) => `${text}!`);
server.remoteClient.on('alert', () => undefined);
server.remoteClient.on('moved', (_ctx, x, y) => [y, x]);

// Events.
expectTypeOf(client.emit('clicked', 1, 2)).toEqualTypeOf<boolean>();
expectTypeOf(client.emit('orders.gone')).toEqualTypeOf<boolean>();
node.client.emit('moved', 1, 2);
node.remoteClient.emit('id', 'moved', 1, 2);
server.emit('id', 'shutdown', 'now');

// A whole table; events may be left out.
server.client.implement({
  add: (_ctx, a, b) => a + b,
  divide: (ctx, a, b) => (b === 0 ? ctx.fail('OVERFLOW', 'too much') : a / b),
  greet: (_ctx, name, title) => `${title ?? ''} ${name}`,
  length: (_ctx, count) => count,
  orders: { create: async (_ctx, order) => order.item },
  untold: () => null,
});

// Without a contract, names are strings and values unknown.
expectTypeOf(untyped.send('anything', 1, 'two')).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(untyped.call['anything']?.(1)).toEqualTypeOf<Promise<unknown> | undefined>();
untyped.on('anything', (_ctx, a: number, b: string) => `${a}${b}`);
untyped.on('anything', (_ctx, ...args) => {
  expectTypeOf(args).toEqualTypeOf<unknown[]>();
});

// What must not compile.
// @ts-expect-error an unknown name
client.send('subtract', 1, 2);
// @ts-expect-error an unknown property
client.call.subtract(1, 2);
// @ts-expect-error an argument of another type
client.call.add('1', 2);
// @ts-expect-error an argument too few
client.call.add(1);
// @ts-expect-error an argument too many
client.send('add', 1, 2, 3);
// @ts-expect-error an event is not asked
client.send('clicked', 1, 2);
// @ts-expect-error an event is not called
client.call.clicked(1, 2);
// @ts-expect-error a function is not told
client.emit('add', 1, 2);
// @ts-expect-error a name of another group
node.client.send('add', 1, 2);
// @ts-expect-error a handler that returns another type
server.client.on('add', () => 'three');
// @ts-expect-error a handler that expects another type
server.client.on('add', (_ctx, a: string) => a.length);
// @ts-expect-error an undeclared name
server.client.on('subtract', () => 1);
// @ts-expect-error a rewriter that returns arguments of another type
server.remoteClient.on('alert', () => [1]);
// @ts-expect-error a table with a function missing
server.on('load', () => 'x');
// @ts-expect-error a table with a function missing
server.client.implement({ add: (_ctx, a, b) => a + b });
server.client.on('divide', (ctx) => {
  // @ts-expect-error an undeclared code
  if (ctx.sender === 'x') ctx.fail('NOPE', null);
  // @ts-expect-error data of another type
  return ctx.fail('OVERFLOW', 1);
});
// @ts-expect-error options of another shape
client.with({ timeout: 5 });
// @ts-expect-error another contract's client
const other: Client<typeof import('./other-arena.ts').other> = client;
void other;
