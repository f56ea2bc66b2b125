import { LIMITS, type Link, type LinkHost, memory, type Swarm } from '@swarm/core';
import { expect, it } from 'vitest';
import { VirtualClock } from '../src/testing/clock.ts';
import { Network } from '../src/testing/network.ts';
import { TestSocket } from '../src/testing/socket.ts';
import { Way } from '../src/testing/way.ts';

let swarms = 0;

function newWay(swarm: Swarm = memory(`memory:testing-link-${swarms}`)) {
  swarms += 1;
  const network = new Network(new VirtualClock());
  return { network, way: new Way('a server', swarm, network) };
}

/** A host that counts its losses. */
function newHost(inbox = 'inbox'): LinkHost & { losses: number } {
  const host = {
    ...{ inbox, frameBytesMax: LIMITS.swarmFrameBytesMax, losses: 0 },
    ...{ deliver: () => {}, undeliverable: () => {}, pressure: () => {} },
    healed: () => {},
    lost: () => {
      host.losses += 1;
    },
  };
  return host;
}

it('a link that was closed, or is still dialed, is not reported as lost when it is cut', async () => {
  const { way } = newWay();
  const [closed, dialed, open] = [newHost('closed'), newHost('dialed'), newHost('open')];
  const link = await way.connect(closed);
  await way.connect(open);
  const dialing = way.connect(dialed);

  await link.close();
  way.cut();

  await expect(dialing).rejects.toMatchObject({ subtype: 'closed' });
  expect([closed.losses, dialed.losses, open.losses]).toEqual([0, 0, 1]);
});

it('a link that is cut while the swarm lets it in is let go of by the swarm', async () => {
  let letIn = (_link: Link) => {};
  let closes = 0;
  const swarm: Swarm = {
    ...memory(),
    connect: () =>
      new Promise((resolve) => {
        letIn = resolve;
      }),
  };
  const close = async () => {
    closes += 1;
  };
  const inner = { close } as unknown as Link;
  const { way, network } = newWay(swarm);
  const dialing = way.connect(newHost());
  await network.clock.advance(0);

  way.cut();
  letIn(inner);

  await expect(dialing).rejects.toMatchObject({ subtype: 'closed' });
  await network.clock.advance(0);
  expect(closes).toBe(1);
});

it('a link hears nothing once it is closed, not even what is on its way', async () => {
  const { way, network } = newWay();
  const heard: string[] = [];
  const deliver = (subject: string) => heard.push(subject);
  const link = await way.connect({ ...newHost('hears'), deliver });
  const sender = await way.connect(newHost('sends'));
  network.latency(10);

  sender.publish('hears', new Uint8Array(), 0);
  await network.clock.advance(20);
  expect(heard).toEqual(['hears']);
  sender.publish('hears', new Uint8Array(), 0);
  await network.clock.advance(15);
  await link.close();
  await network.clock.advance(100);

  expect(heard).toEqual(['hears']);
});

it('a dropped link that is cut as well is reported as lost', async () => {
  const { way } = newWay();
  const host = newHost();
  await way.connect(host);

  way.drop();
  expect(host.losses).toBe(0);
  way.cut();

  expect(host.losses).toBe(1);
});

it('a dropped socket ends at the end that closes it, without an answer', () => {
  const network = new Network(new VirtualClock());
  const [near, far] = TestSocket.pair(network, 1_000);
  const told: string[] = [];
  near.attach({ message: () => {}, closed: (code) => told.push(`near ${code}`) });
  far.attach({ message: () => {}, closed: (code) => told.push(`far ${code}`) });

  near.drop();
  near.close(4408, 'silent');

  expect(told).toEqual(['near 4408']);
});
