import { runInNewContext } from 'node:vm';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { contract, event, fn, SwarmError, swarm1, swarmJson } from '../src/index.ts';
import { arena } from './arena.ts';
import { failure, meet, serve } from './ends.ts';
import { rules } from './rules.ts';

const INVALID = { name: 'SwarmError', type: 'protocol', subtype: 'invalid' };

it('sends inputs, and gives outputs to handlers and callers, each transformed once', async () => {
  const server = await serve({ contract: arena });
  const { client, near, far } = await meet(server, { contract: arena });
  server.client.on('length', (_ctx, count) => count * 2);

  expect(await client.call.length('four')).toBe('8 characters');

  expect(JSON.parse(String(near.sent.at(-1)))).toMatchObject({ name: 'length', args: ['four'] });
  expect(JSON.parse(String(far.sent.at(-1)))).toMatchObject({ type: 'response', result: 8 });
});

describe.each([swarmJson, swarm1])('results over $name', (dialect) => {
  it('are validated where they are made, and never sent when they are wrong', async () => {
    const server = await serve({ contract: rules });
    const { client, far } = await meet(server, { dialect });
    server.client.on('say', () => 'a secret');

    const error = await failure(client.send('say', 'a'));

    expect(error).toMatchObject({
      ...INVALID,
      delivered: 'yes',
      data: { issues: [{ path: 'result', message: expect.any(String) }] },
    });
    expect(far.sent.map((message) => Buffer.from(message).toString()).join()).not.toContain(
      'a secret',
    );
  });

  it('are validated where they arrive too', async () => {
    const server = await serve();
    const { client } = await meet(server, { contract: arena, dialect });
    server.client.on('add', () => 'three');

    expect(await failure(client.call.add(1, 2))).toMatchObject({
      ...INVALID,
      delivered: 'yes',
      data: { issues: [{ path: 'result' }] },
    });
    expect(await client.call.add.safe(1, 2)).toMatchObject({
      ok: false,
      error: { ...INVALID, delivered: 'yes', code: null },
    });
  });

  it('may be undefined when the contract says so', async () => {
    const server = await serve({ contract: rules });
    const { client } = await meet(server, { contract: rules, dialect });
    server.client.on('maybe', () => undefined);

    expect(await client.call.maybe(1)).toBeUndefined();
  });
});

it('validates what a client answers at both ends', async () => {
  const server = await serve({ contract: rules });
  const typed = await meet(server, { contract: rules });
  const untyped = await meet(server);
  typed.client.on('ask', () => 'long');
  untyped.client.on('ask', () => 'long');

  for (const { node } of [typed, untyped]) {
    expect(await failure(node.client.call.ask('a'))).toMatchObject({
      ...INVALID,
      delivered: 'yes',
    });
  }
});

describe('declared errors', () => {
  it('arrive with code and data, checked by the asking end', async () => {
    const server = await serve({ contract: arena });
    const { client } = await meet(server, { contract: arena });
    server.client.on('divide', (ctx) => ctx.fail('OVERFLOW', 'too much'));

    expect(await failure(client.call.divide(1, 2))).toMatchObject({
      type: 'endpoint',
      code: 'OVERFLOW',
      data: 'too much',
      delivered: 'yes',
    });
  });

  it('are `invalid` when their data does not fit', async () => {
    const server = await serve();
    const { client } = await meet(server, { contract: arena });
    server.client.on('divide', (ctx) => ctx.fail('DIVIDE_BY_ZERO', { dividend: 'six' }));

    expect(await failure(client.call.divide(1, 2))).toMatchObject({
      ...INVALID,
      delivered: 'yes',
      code: null,
      data: { issues: [{ path: 'data.dividend' }] },
    });
  });

  it.each([
    ['a code of nobody', 'NOPE'],
    ['a name every object has', 'constructor'],
  ])('lose %s, and keep the rest', async (_what, code) => {
    const server = await serve();
    const { client } = await meet(server, { contract: arena });
    server.client.on('divide', (ctx) => ctx.fail(code, { dividend: 1 }));

    const error = await failure(client.call.divide(1, 2));

    expect(error).toMatchObject({ type: 'endpoint', code: null, message: code, delivered: 'yes' });
    expect(error).toMatchObject({ data: { dividend: 1 } });
  });

  it('keep their code where no contract asks', async () => {
    const server = await serve({ contract: arena });
    const { client } = await meet(server);
    server.client.on('divide', (ctx) => ctx.fail('OVERFLOW', 'too much'));

    expect(await failure(client.send('divide', 1, 2))).toMatchObject({ code: 'OVERFLOW' });
  });
});

describe('a schema that answers asynchronously', () => {
  const slow = z.string().check(z.refine(async () => true));
  const late = contract({
    node: { take: fn(slow).returns(z.string()), give: fn().returns(slow), tell: event(slow) },
  });

  it('is a TypeError at the caller for a result, with safe too', async () => {
    const server = await serve();
    const { client } = await meet(server, { contract: late });
    server.client.on('give', () => 'x');

    for (const call of [client.call.give(), client.call.give.safe()]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: expect.stringMatching(/give.* zod /) });
    }
  });

  it('fails the request where a result is made', async () => {
    const server = await serve({ contract: late });
    const { client } = await meet(server);
    server.client.on('give', () => 'x');

    expect(await failure(client.send('give'))).toMatchObject({
      subtype: 'internal',
      delivered: 'yes',
      message: expect.stringMatching(/give.* zod /),
    });
  });

  it('fails the request where arguments arrive, and runs no handler', async () => {
    const server = await serve({ contract: late });
    const { client } = await meet(server);
    const ran: unknown[] = [];
    server.client.on('take', (_ctx, text) => String(ran.push(text)));

    const error = await failure(client.send('take', 'x'));

    expect(error).toMatchObject({ message: expect.stringMatching(/take.* zod /) });
    expect(SwarmError.is(error)).toBe(true);
    expect(ran).toEqual([]);
  });

  it('is reported as a TypeError for an event', async () => {
    const server = await serve({ contract: late });
    const { client } = await meet(server);
    server.client.on('tell', () => {});
    const reported = new Promise((resolve) => server.events.on('error', resolve));

    client.emit('tell', 'x');

    expect(await reported).toBeInstanceOf(TypeError);
  });

  it('leaves no rejection behind that would end the process', async () => {
    const failing: StandardSchemaV1<string> = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('no')) },
    };
    const server = await serve({ contract: contract({ node: { take: fn(failing) } }) });
    const { client } = await meet(server);
    server.client.on('take', () => 'x');
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection');
      for (const other of others) process.on('unhandledRejection', other);
    });

    await failure(client.send('take', 'x'));
    await new Promise((resolve) => setImmediate(resolve));

    expect(unhandled).toEqual([]);
  });

  it('is recognised by a promise of another realm too', async () => {
    const foreign: StandardSchemaV1<string> = {
      '~standard': {
        version: 1,
        vendor: 'foreign',
        validate: () => runInNewContext('Promise.resolve({ value: "x" })'),
      },
    };
    const server = await serve();
    const { client } = await meet(server, {
      contract: contract({ node: { give: fn().returns(foreign) } }),
    });
    server.client.on('give', () => 'x');

    expect(await failure(client.call.give())).toBeInstanceOf(TypeError);
  });
});
