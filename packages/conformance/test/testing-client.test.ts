import { type Dialect, type Message, swarm1, swarmJson } from '@swarm/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TestSocket } from '../src/testing/socket.ts';
import { newSwarm } from './testing-swarm.ts';

describe('a client', () => {
  it('is who the options say', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    const data = { cart: [] };

    const ada = await swarm.client(server, { id: 'ada', auth: { admin: true }, data });
    const nameless = await swarm.client(server);

    expect([ada.client.id, ada.node.id, ada.node.auth]).toEqual(['ada', 'ada', { admin: true }]);
    expect(ada.node.data).toBe(data);
    expect(server.nodes.get('ada')).toBe(ada.node);
    expect(nameless.client.id).toBe(nameless.node.id);
    expect(nameless.node.auth).toBe(null);
  });

  it('is set up before the first message', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    server.events.on('connection', (node) => void node.client.emit('welcome', node.id));
    const heard: unknown[] = [];

    await swarm.client(server, {
      id: 'ada',
      setup: (client) => client.on('welcome', (_ctx, id) => heard.push(id)),
    });
    await swarm.clock.advance(0);

    expect(heard).toEqual(['ada']);
  });

  it.each([swarm1, swarmJson])('speaks $name with its node', async (dialect) => {
    const swarm = newSwarm();
    const spoken: Message[] = [];
    const server = await swarm.server();
    server.client.on('add', (_ctx, a, b) => Number(a) + Number(b));
    const spy = spying(dialect, (message) => void spoken.push(message));
    const { client } = await swarm.client(server, { dialect: spy });

    expect(await client.send('add', 1, 2)).toBe(3);

    const isText = dialect === swarmJson;
    expect(spoken.length).toBeGreaterThan(1);
    for (const message of spoken) expect(typeof message === 'string').toBe(isText);
  });

  it('speaks swarm.1 by default, as connect does', async () => {
    const sent = vi.spyOn(TestSocket.prototype, 'send');
    onTestFinished(() => sent.mockRestore());
    const swarm = newSwarm();
    const { client } = await swarm.client(await swarm.server());

    await expect(client.send('any')).rejects.toMatchObject({ subtype: 'unhandled' });

    expect(sent.mock.calls.length).toBeGreaterThan(2);
    for (const [message] of sent.mock.calls) expect(message).toBeInstanceOf(Uint8Array);
  });

  it('that is turned away is not there', async () => {
    const swarm = newSwarm();
    const server = await swarm.server({ takeover: 'oldest' });
    const { client, node } = await swarm.client(server, { id: 'ada' });
    await swarm.clock.advance(1_000);

    await expect(swarm.client(server, { id: 'ada' })).rejects.toMatchObject({
      subtype: 'forbidden',
    });

    expect([client.isOpen, node.isOpen, server.nodes.size]).toEqual([true, true, 1]);
  });

  it('that finds no server says so after the time to get open', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();
    await server.close();

    await expect(swarm.client(server)).rejects.toMatchObject({ subtype: 'timeout' });
    expect(swarm.clock.nowMs).toBe(10_000);
    const patient = swarm.client(server, { openTimeoutMs: 90_000 });
    await expect(patient).rejects.toMatchObject({ subtype: 'timeout' });
    expect(swarm.clock.nowMs).toBe(100_000);
  });

  it('that did not get open does not go on trying', async () => {
    const swarm = newSwarm();
    const [old, next] = [await swarm.server(), await swarm.server()];
    let isMoved = false;
    await old.close();
    await expect(swarm.client(() => (isMoved ? next : old))).rejects.toThrow();

    isMoved = true;
    await swarm.clock.advance(60_000);

    expect(next.nodes.size).toBe(0);
  });

  it('cannot have the id of no node', async () => {
    const swarm = newSwarm();
    const server = await swarm.server();

    await expect(swarm.client(server, { id: '' })).rejects.toThrow(TypeError);
  });

  it('and its server take no greater message than in production', async () => {
    const swarm = newSwarm();
    const server = await swarm.server({ limits: { socketFrameBytesMax: 2_000 } });
    server.client.on('length', (_ctx, text) => String(text).length);
    const { client } = await swarm.client(server);
    const closes: number[] = [];
    client.events.on('close', ({ code }) => closes.push(code));

    expect(await client.send('length', 'x'.repeat(1_000))).toBe(1_000);
    await expect(client.send('length', 'x'.repeat(2_000))).rejects.toMatchObject({
      subtype: 'closed',
    });
    expect(closes).toEqual([1009]);
  });
});

/** A dialect that tells what it is given to read. */
function spying(dialect: Dialect, heard: (message: Message) => void): Dialect {
  return {
    name: dialect.name,
    send: (frame) => dialect.send(frame),
    receive: (message) => {
      heard(message);
      return dialect.receive(message);
    },
  };
}
