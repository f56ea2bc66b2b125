import { connect } from '@nats-io/transport-node';
import { requireBroker } from '@swarm/conformance/brokers';
import type { Link } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { nats } from '../src/index.ts';
import { Host, open, start, WAYS } from './fixture.ts';
import { Scripted } from './scripted.ts';

const BYTES = new Uint8Array(500_000);

describe.runIf(requireBroker('nats')).each(WAYS)('a close, over %s', (_name, swarmAt) => {
  it('comes after what was published', async () => {
    const { url } = await start();
    const hearing = new Host('swarm.p.hearing');
    await open(swarmAt(url), hearing);
    const link = await open(swarmAt(url));

    for (let i = 0; i < 20; i += 1) link.publish(hearing.inbox, BYTES, 0);
    await link.close();
    await hearing.until(({ heard }) => heard.length === 20);
  });

  it('is the last that its host hears of, whatever is on its way', async () => {
    const { url } = await start();
    const host = new Host();
    const link = await open(swarmAt(url), host);

    for (let i = 1; i <= 100; i += 1) {
      link.publish(host.inbox, new Uint8Array(10), 0);
      link.publish('swarm.n.nobody', new Uint8Array(10), i);
    }
    await Promise.all([link.close(), link.close()]);
    link.publish(host.inbox, new Uint8Array(10), 1);
    await link.close();

    expect([host.heard, host.verdicts, host.losses]).toEqual([[], [], []]);
  });

  it('is possible at any time, and tells nothing of pressure any more', async () => {
    const server = await Scripted.start();
    const host = new Host();
    const link = await open(swarmAt(server.url), host);
    const pings = server.lines.filter((line) => line === 'PING').length;
    server.confirms = false;

    for (let i = 0; i < 9; i += 1) link.publish('swarm.n.a', BYTES, 0);
    await server.hasHeard('PING', pings + 1);
    server.say('PONG\r\n');
    await server.hasHeard('PING', pings + 2);
    const subscribing = Promise.allSettled([link.subscribe(['swarm.n.b'])]);
    const closing = link.close();
    await server.hasHeard('PING', pings + 4);
    server.say('PONG\r\nPONG\r\nPONG\r\n');
    await closing;
    await subscribing;
    await server.has(0);

    expect([host.pressures, host.losses]).toEqual([[true], []]);
  });
});

it('a close ends though the server stands still', async () => {
  const server = await Scripted.start();
  const host = new Host();
  const swarm = nats.over(() => connect({ servers: server.url, reconnect: false }));
  const link = await open(swarm, host);
  server.confirms = false;

  const subscribing = Promise.allSettled([link.subscribe(['swarm.n.b'])]);
  await link.close();
  await server.has(0);

  expect(await subscribing).toMatchObject([{ reason: { subtype: 'closed', delivered: 'no' } }]);
  expect(host.losses).toEqual([]);
});

it.each(WAYS)(
  'what is asked of a link from within its loss is settled, over %s',
  async (_name, swarmAt) => {
    const server = await Scripted.start();
    let link: Link | null = null;
    const settled = new Promise((resolve) => {
      class Eager extends Host {
        override lost(): void {
          link?.publish(this.inbox, new Uint8Array(), 1);
          const asked = [link?.subscribe(['swarm.n.a']), link?.unsubscribe([this.inbox])];
          resolve(Promise.allSettled([...asked, link?.close()]));
        }
      }
      void open(swarmAt(server.url), new Eager()).then((opened) => {
        link = opened;
        server.reset();
      });
    });

    expect(await settled).toMatchObject([
      { reason: { subtype: 'closed', delivered: 'no' } },
      { reason: { subtype: 'closed', delivered: 'no' } },
      { status: 'fulfilled' },
    ]);
  },
);
