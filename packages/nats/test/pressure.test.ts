import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { nats } from '../src/index.ts';
import { Host, open, start } from './fixture.ts';
import { Scripted } from './scripted.ts';

const MEBIBYTE = new Uint8Array(1_048_576);

describe.runIf(requireBroker('nats'))('pressure', () => {
  it('is on while a server that stands still has too much before it', async () => {
    const broker = await start();
    const host = new Host('swarm.p.test', MEBIBYTE.length);
    const link = await open(nats(broker.url), host);
    await broker.pause();

    for (let i = 0; i < 4; i += 1) link.publish(host.inbox, MEBIBYTE.slice(0, 1_048_000), 0);
    expect(host.pressures).toEqual([]);
    for (let i = 0; i < 4; i += 1) link.publish(host.inbox, MEBIBYTE, 0);
    expect(host.pressures).toEqual([true]);

    await broker.resume();
    await host.until(({ heard, pressures }) => heard.length === 8 && pressures.length === 2);
    expect(host.pressures).toEqual([true, false]);
  });

  it('stays on until what was published meanwhile is confirmed too', async () => {
    const server = await Scripted.start();
    const host = new Host('swarm.p.test', MEBIBYTE.length);
    const link = await open(nats(server.url), host);
    server.confirms = false;
    const pings = server.lines.filter((line) => line === 'PING').length;

    for (let i = 0; i < 5; i += 1) link.publish('swarm.n.a', MEBIBYTE, 0);
    await server.hasHeard('PING', pings + 1);
    for (let i = 0; i < 5; i += 1) link.publish('swarm.n.b', MEBIBYTE, 0);
    server.say('PONG\r\n');
    await server.hasHeard('PING', pings + 2);
    expect(host.pressures).toEqual([true]);

    server.say('PONG\r\n');
    await host.until(({ pressures }) => pressures.length === 2);
    expect(host.pressures).toEqual([true, false]);
  });

  it('is nothing that a link which is over would tell', async () => {
    const broker = await start();
    const host = new Host('swarm.p.test', MEBIBYTE.length);
    const link = await open(nats(broker.url), host);
    await broker.pause();
    for (let i = 0; i < 8; i += 1) link.publish(host.inbox, MEBIBYTE, 0);

    await broker.kill();
    await host.until(({ losses }) => losses.length > 0);
    for (let i = 0; i < 8; i += 1) link.publish(host.inbox, MEBIBYTE, 0);
    await link.close();

    expect(host.pressures).toEqual([true]);
  });
});

it('throws for a payload over frameBytesMax, and sends nothing of it', async () => {
  const server = await Scripted.start();
  const link = await open(nats(server.url, { frameBytesMax: 600_000 }));

  expect(() => link.publish('swarm.n.a', new Uint8Array(600_001), 1)).toThrow(TypeError);
  link.publish('swarm.n.b', new Uint8Array(600_000), 0);
  await server.hears('PUB swarm.n.b');

  expect(server.lines.filter((line) => line.startsWith('PUB'))).toHaveLength(1);
});
