import { describe, expect, it } from 'vitest';
import { memory, swarm1, swarmJson } from '../src/index.ts';
import { failure, meet, serve } from './ends.ts';
import { rules } from './rules.ts';

const INVALID = { name: 'SwarmError', type: 'protocol', subtype: 'invalid' };

describe.each([swarmJson, swarm1])('arguments over $name', (dialect) => {
  it('are validated where they arrive, before any handler runs', async () => {
    const server = await serve({ contract: rules });
    const { client } = await meet(server, { contract: rules, dialect });
    const ran: unknown[] = [];
    server.client.on('place', (_ctx, place) => ran.push(place));

    const error = await failure(client.call.place({ at: { x: 1.5 } }));

    expect(error).toMatchObject({
      ...INVALID,
      delivered: 'no',
      code: null,
      data: { issues: [{ path: 'args.0.at.x', message: expect.any(String) }] },
    });
    expect(ran).toEqual([]);
  });

  it('are refused when there are too many', async () => {
    const server = await serve({ contract: rules });
    const { client } = await meet(server, { dialect });
    const ran: unknown[] = [];
    server.client.on('say', (_ctx, text) => String(ran.push(text)));

    const error = await failure(client.send('say', 'a', 'b', 'c'));

    expect(error).toMatchObject({ ...INVALID, delivered: 'no', data: { issues: [] } });
    expect(ran).toEqual([]);
  });

  it('may be left out when they are optional, and not otherwise', async () => {
    const server = await serve({ contract: rules });
    const { client } = await meet(server, { dialect });
    server.client.on('say', (_ctx, _a, b) => typeof b);

    expect(await failure(client.send('say', 'a'))).toMatchObject({ delivered: 'yes' });
    server.client.on('say', (ctx) => String(ctx.args.length));
    expect(await client.send('say', 'a')).toBe('2');
    expect(await failure(client.send('say'))).toMatchObject({
      ...INVALID,
      delivered: 'no',
      data: { issues: [{ path: 'args.0' }] },
    });
  });

  it('may be undefined when they are optional', async () => {
    const server = await serve({ contract: rules });
    const { client } = await meet(server, { contract: rules, dialect });
    server.client.on('maybe', (_ctx, value) => (value === undefined ? 1 : 2));

    expect(await client.call.maybe(undefined)).toBe(1);
  });
});

it('validates the arguments of server requests where they arrive', async () => {
  const swarm = memory('memory:contract-args');
  const [typed, untyped] = [await serve({ swarm, contract: rules }), await serve({ swarm })];
  await meet(typed, { id: 'there' });
  const ran: unknown[] = [];
  typed.on('load', (_ctx, text) => String(ran.push(text)));

  expect(await failure(untyped.send('there', 'load', 'long'))).toMatchObject({
    ...INVALID,
    delivered: 'no',
  });
  expect(await failure(typed.send('there', 'load', 'long'))).toMatchObject({ delivered: 'no' });
  expect(ran).toEqual([]);
});

it('validates what a client is asked at the client', async () => {
  const server = await serve();
  const { client, node } = await meet(server, { contract: rules });
  const ran: unknown[] = [];
  client.on('ask', (_ctx, text) => String(ran.push(text)));

  expect(await failure(node.client.send('ask', 'long'))).toMatchObject({
    ...INVALID,
    delivered: 'no',
    data: { issues: [{ path: 'args.0' }] },
  });
  expect(ran).toEqual([]);
});

it('validates what middleware makes of the arguments, and shows it what came', async () => {
  const server = await serve({ contract: rules });
  const { client } = await meet(server, { contract: rules });
  const seen: unknown[] = [];
  server.client.on('say', (_ctx, text) => text);
  server.use((ctx, next) => {
    seen.push(...ctx.args);
    return next(['long']);
  });

  expect(await failure(client.call.say('a'))).toMatchObject({ ...INVALID, delivered: 'no' });
  expect(seen).toEqual(['a']);
});

it('leaves names alone that the contract does not list', async () => {
  const server = await serve({ contract: rules });
  const { client } = await meet(server);
  server.client.on('*', (_ctx, ...args) => args.length);

  expect(await client.send('unlisted', 1, 2, 3)).toBe(3);
});

describe('events', () => {
  it('that do not fit reach no handler of a node, and are reported there', async () => {
    const server = await serve({ contract: rules });
    const { client } = await meet(server);
    const heard: unknown[] = [];
    server.client.on('shout', (_ctx, text) => heard.push(text));
    const reported = new Promise((resolve) => {
      server.events.on('error', (error, ctx) => resolve([error, ctx.name, ctx.isEvent]));
    });

    client.emit('shout', 'long');

    expect(await reported).toMatchObject([
      { ...INVALID, delivered: 'no', data: { issues: [{ path: 'args.0' }] } },
      'shout',
      true,
    ]);
    expect(heard).toEqual([]);
  });

  it('that do not fit reach no handler of a client, and are reported there', async () => {
    const { client, node } = await meet(await serve(), { contract: rules });
    const heard: unknown[] = [];
    client.on('hear', (_ctx, text) => heard.push(text));
    const reported = new Promise((resolve) => client.events.on('error', resolve));

    node.client.emit('hear', 'a', 'b');

    expect(await reported).toMatchObject({ ...INVALID, delivered: 'no' });
    expect(heard).toEqual([]);
  });

  it('that do not fit reach no handler for other nodes, and are reported there', async () => {
    const swarm = memory('memory:contract-events');
    const [typed, untyped] = [await serve({ swarm, contract: rules }), await serve({ swarm })];
    await meet(typed, { id: 'there' });
    const heard: unknown[] = [];
    typed.on('told', (_ctx, text) => heard.push(text));
    const reported = new Promise((resolve) => typed.events.on('error', resolve));

    untyped.emit('there', 'told', 5);

    expect(await reported).toMatchObject({ ...INVALID, delivered: 'no' });
    expect(heard).toEqual([]);
  });
});
