import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { contract, event, fn, memory, swarm1, swarmJson } from '../src/index.ts';
import { failure, meet, serve } from './ends.ts';

const length = z.pipe(
  z.string().check(z.maxLength(12)),
  z.transform((text) => text.length),
);
const characters = z.pipe(
  z.number().check(z.maximum(10)),
  z.transform((count) => `${count} characters`),
);
const relay = contract({
  client: {
    measure: fn(length)
      .returns(characters)
      .throws({ BUSY: z.object({ until: z.number() }) }),
    hear: event(length),
  },
});

const INVALID = { type: 'protocol', subtype: 'invalid' };

/** Ada and Bob, on two servers of one swarm; Bob's client answers. */
async function neighbours({ dialect = swarmJson } = {}) {
  const swarm = memory(`memory:contract-remote-${Math.random()}`);
  const [here, there] = [
    await serve({ swarm, contract: relay }),
    await serve({ swarm, contract: relay }),
  ];
  const ada = await meet(here, { id: 'ada', contract: relay, dialect });
  const bob = await meet(there, { id: 'bob', contract: relay, dialect });
  const measured: unknown[] = [];
  bob.client.on('measure', (_ctx, count) => {
    measured.push(count);
    return count;
  });
  return { here, there, ada, bob, measured, call: ada.node.remoteClient.call('bob') };
}

describe.each([swarmJson, swarm1])('a client of another node over $name', (dialect) => {
  it('gets outputs of what was sent, and its result is transformed once', async () => {
    const { call, measured } = await neighbours({ dialect });

    expect(await call.measure('four')).toBe('4 characters');
    expect(measured).toEqual([4]);
  });

  it('is asked what those before it made of the inputs', async () => {
    const { call, there, bob, measured } = await neighbours({ dialect });
    const seen: unknown[] = [];
    there.remoteClient.on('measure', (ctx, text) => {
      seen.push(text);
      return [`${ctx.sender} ${text}`];
    });
    bob.node.remoteClient.on('measure', (_ctx, text) => {
      seen.push(text);
      return undefined;
    });

    expect(await call.measure('four')).toBe('8 characters');
    expect(seen).toEqual(['four', 'ada four']);
    expect(measured).toEqual([8]);
  });

  it('validates what those before it made', async () => {
    const { call, there, measured } = await neighbours({ dialect });
    there.remoteClient.on('measure', () => ['far too long for it']);

    expect(await failure(call.measure('four'))).toMatchObject({
      ...INVALID,
      delivered: 'no',
      data: { issues: [{ path: 'args.0' }] },
    });
    expect(measured).toEqual([]);
  });

  it('is not asked, nor those before it, what does not fit', async () => {
    const { call, there, measured } = await neighbours({ dialect });
    const refused = { ...INVALID, delivered: 'no', data: { issues: [{ path: 'args.0' }] } };
    expect(await failure(call.measure('far too long for it'))).toMatchObject(refused);
    const seen: unknown[] = [];
    there.remoteClient.on('measure', (_ctx, text) => {
      seen.push(text);
      return undefined;
    });

    expect(await failure(call.measure('far too long for it'))).toMatchObject(refused);

    expect([...seen, ...measured]).toEqual([]);
  });

  it('answers a wrong result with `invalid`, through its node', async () => {
    const { call } = await neighbours({ dialect });

    expect(await failure(call.measure('just too long'.slice(0, 12)))).toMatchObject({
      ...INVALID,
      delivered: 'yes',
      data: { issues: [{ path: 'result' }] },
    });
  });

  it('refuses with a declared error that arrives whole', async () => {
    const { call, bob } = await neighbours({ dialect });
    bob.client.on('measure', (ctx) => ctx.fail('BUSY', { until: 5 }));

    expect(await call.measure.safe('four')).toMatchObject({
      ok: false,
      error: { type: 'endpoint', code: 'BUSY', data: { until: 5 }, delivered: 'yes' },
    });
  });
});

it('lets its node answer instead, and validates that', async () => {
  const { call, there, measured } = await neighbours();
  const remove = there.remoteClient.on('measure', (ctx) => {
    ctx.answer(7);
  });
  expect(await call.measure('four')).toBe('7 characters');

  remove();
  there.remoteClient.on('measure', (ctx) => {
    ctx.answer(11);
  });

  expect(await failure(call.measure('four'))).toMatchObject({ ...INVALID, delivered: 'yes' });
  expect(measured).toEqual([]);
});

it('lets its node refuse with a declared error', async () => {
  const { call, there } = await neighbours();
  there.remoteClient.on('measure', (ctx) => ctx.fail('BUSY', { until: 5 }));

  expect(await call.measure.safe('four')).toMatchObject({ ok: false, error: { code: 'BUSY' } });
});

it('gives middleware the answer as the client sent it, and the caller the output', async () => {
  const { call, there } = await neighbours();
  const answers: unknown[] = [];
  there.use(async (ctx, next) => {
    const answer = await next();
    answers.push(ctx.name, answer);
    return answer;
  });

  expect(await call.measure('four')).toBe('4 characters');
  expect(answers).toEqual(['measure', 4]);
});

it('validates at the asking end what a client without the contract answers', async () => {
  const { here, there } = await neighbours();
  const odd = await meet(there, { id: 'odd' });
  odd.client.on('measure', () => 'four');
  odd.client.on('hear', () => {});

  expect(await failure(here.remoteClient.call('odd').measure('four'))).toMatchObject({
    ...INVALID,
    delivered: 'yes',
  });
});

it('reports an event that does not fit where it was to be handled', async () => {
  const { ada, bob, there } = await neighbours();
  const reports: unknown[] = [];
  const heard: unknown[] = [];
  bob.client.on('hear', (_ctx, count) => heard.push(count));
  there.events.on('error', (error) => reports.push('node', error));
  const reported = new Promise((resolve) => bob.client.events.on('error', resolve));

  ada.node.remoteClient.emit('bob', 'hear', 'far too long for it');
  ada.node.remoteClient.emit('bob', 'hear', 'four');

  expect(await reported).toMatchObject({ ...INVALID, delivered: 'no' });
  await expect.poll(() => heard).toEqual([4]);
  expect(reports).toEqual([]);
});
