import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { swarmConformance } from '@swarm/conformance';
import {
  type BrokerCluster,
  type FaultProxy,
  proxyTo,
  requireBroker,
  startCluster,
} from '@swarm/conformance/brokers';
import type { Link, Swarm, SwarmError } from '@swarm/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, type Linked, newNamespace, open } from './fixture.ts';

const LOST = { name: 'SwarmError', subtype: 'closed', delivered: 'unknown' };

// A node that others have restarted may take a minute before it starts.
vi.setConfig({ testTimeout: 180_000 });

describe.runIf(requireBroker('rabbitmq'))('with a cluster of RabbitMQ', () => {
  let cluster: BrokerCluster;
  let proxies: readonly FaultProxy[];

  beforeAll(async () => {
    // After so many seconds a node that hangs is given up; 60 by default.
    cluster = await startCluster('rabbitmq', { config: ['net_ticktime = 8'] });
    proxies = await Promise.all(cluster.nodes.map(({ port }) => proxyTo(port)));
  });
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    await cluster.stop();
  });

  /** A swarm of the node's own URL. */
  const at = (i: number) => amqp(cluster.nodes[i]?.url ?? '');
  /** Links of one namespace: one at each of these nodes. */
  const openAt = (name: string, ...nodes: readonly number[]) =>
    Promise.all(nodes.map((i) => open(at(i), new Host(name))));

  swarmConformance('amqp, by a node after the other', () => ({
    swarm: inTurn(proxies.map((proxy) => amqp(proxy.url('amqp')))),
    // Nodes take several seconds to start, and all of them have to.
    sever: () => {
      for (const proxy of proxies) proxy.cut();
    },
    // Every binding is a transaction of all nodes: the 10,000 of a clause take some seconds.
    settleMs: 15_000,
    // Nothing listens on these ports.
    unreachable: { swarm: amqp('amqp://user:s3cret@127.0.0.1:1,127.0.0.1:2'), secret: 's3cret' },
  }));

  it('subjects are heard and left at every node when the promises resolve', async () => {
    const name = newNamespace();
    const [hearing, ...others] = await openAt(name, 0, 1, 2);
    const { host, link } = hearing as Linked;

    for (let i = 1; i <= 100; i += 1) {
      await link.subscribe([`${name}.n.${i}`]);
      for (const other of others) other.link.publish(`${name}.n.${i}`, Buffer.from('in'), i);
      await host.hears(2 * i);
    }
    for (const other of others) expect(other.host.verdicts).toEqual([]);
    for (let i = 1; i <= 100; i += 1) {
      await link.unsubscribe([`${name}.n.${i}`]);
      for (const other of others) other.link.publish(`${name}.n.${i}`, Buffer.from('out'), i);
      for (const other of others) await other.host.until(() => other.host.verdicts.length === i);
    }

    expect(host.heard).toHaveLength(200);
  });

  it('links are made although the exchange goes with others at other nodes, all the time', async () => {
    const name = newNamespace();
    const come = async (swarm: Swarm) => {
      for (let i = 0; i < 15; i += 1) {
        const host = new Host(name);
        const link = await swarm.connect(host);
        link.publish(host.inbox, Buffer.from('x'), 1);
        await host.hears(1);
        await link.close();
        expect([host.verdicts, host.losses]).toEqual([[], []]);
      }
    };

    await Promise.all([come(at(0)), come(at(1)), come(at(2))]);
  });

  it('a killed node costs the links at it, and what goes there is silence or a true verdict', async () => {
    const name = newNamespace();
    const [lost, ...others] = await openAt(name, 0, 1, 2);
    const [near, far] = others as [Linked, Linked];
    const { host, link } = lost as Linked;
    const subject = `${name}.n.1`;
    await link.subscribe([subject]);

    let token = 0;
    const kill = async () => {
      await host.hears(100);
      await cluster.nodes[0]?.kill();
    };
    const killed = kill();
    while (others.some((other) => other.host.verdicts.length === 0)) {
      token += 1;
      for (const other of others) other.link.publish(subject, Buffer.from(`${token}`), token);
      await nextTurn();
    }
    await killed;
    await host.isLost();

    expect(host.losses).toEqual([expect.objectContaining(LOST)]);
    const heard = new Set(host.heard.map(({ payload }) => Number(Buffer.from(payload))));
    for (const other of others) {
      expect(other.host.verdicts.filter((verdict) => heard.has(verdict))).toEqual([]);
      expect(other.host.losses).toEqual([]);
    }
    // Others go on, and whoever was there is now elsewhere.
    near.link.publish(far.host.inbox, Buffer.from('still'), 0);
    await far.host.hears(1);
    for (let times = 0; times < 6; times += 1) {
      const again = await open(amqp(cluster.url), new Host(name));
      await again.link.subscribe([subject]);
      for (const other of others) other.link.publish(subject, Buffer.from('again'), 0);
      await again.host.hears(2);
      await again.link.close();
    }
  });

  it('a killed node is used again as soon as a link can be made', async () => {
    const name = newNamespace();
    const [other] = await openAt(name, 1);
    await cluster.nodes[0]?.kill();
    const restarted = cluster.nodes[0]?.restart();

    const host = new Host(name);
    const { link, refusals } = await redial(at(0), host);
    link.publish(other?.host.inbox ?? '', Buffer.from('there'), 1);
    await other?.host.hears(1);
    other?.link.publish(host.inbox, Buffer.from('back'), 1);
    await host.hears(1);
    await link.close();
    await restarted;
    await cluster.formed();

    expect(refusals.length).toBeGreaterThan(0);
    expect([host.verdicts, other?.host.verdicts]).toEqual([[], []]);
  });

  it('a namespace goes on at other nodes when the last who used it was at a killed one', async () => {
    const name = newNamespace();
    const [last] = await openAt(name, 2);
    await cluster.nodes[2]?.kill();
    await last?.host.isLost();

    const [first, second] = (await openAt(name, 0, 1)) as [Linked, Linked];
    for (let i = 1; i <= 50; i += 1) first.link.publish(second.host.inbox, Buffer.of(i), i);
    await second.host.hears(50);
    await cluster.nodes[2]?.restart();
    await cluster.formed();
    const [third] = (await openAt(name, 2)) as [Linked];
    third.link.publish(second.host.inbox, Buffer.of(51), 1);
    await second.host.hears(51);

    for (const { host } of [first, second, third]) {
      expect([host.verdicts, host.losses]).toEqual([[], []]);
    }
  });

  it('a node that hangs holds up bindings until it is given up, and comes back', async () => {
    const name = newNamespace();
    const [hung, near, far] = (await openAt(name, 0, 1, 2)) as [Linked, Linked, Linked];
    await cluster.nodes[0]?.pause();

    let token = 0;
    const subscribed = near.link.subscribe([`${name}.n.1`]);
    const published = (async () => {
      while (near.host.verdicts.length === 0) {
        token += 1;
        near.link.publish(hung.host.inbox, Buffer.from(`${token}`), token);
        near.link.publish(far.host.inbox, Buffer.from('goes on'), 0);
        await far.host.hears(token);
        await sleep(10);
      }
    })();
    await Promise.all([subscribed, published]);
    far.link.publish(`${name}.n.1`, Buffer.from('bound'), 1);
    await near.host.hears(1);
    await (await redial(amqp(cluster.url), new Host(name))).link.close();
    for (const { host } of [near, far]) expect(host.losses).toEqual([]);
    await cluster.nodes[0]?.resume();
    await hung.host.isLost();
    await untilTogether([at(0), at(1), at(2)], name);

    const heard = hung.host.heard.map(({ payload }) => Number(Buffer.from(payload)));
    expect(near.host.verdicts.filter((verdict) => heard.includes(verdict))).toEqual([]);
  });

  it('all links are lost when all nodes are killed, and made when they are back', async () => {
    const name = newNamespace();
    const links = await openAt(name, 0, 1, 2);

    await cluster.kill();
    for (const { host } of links) await host.isLost();
    const refusal = await failure(amqp(cluster.url).connect(new Host(name)));
    await cluster.restart();
    const again = await openAt(name, 0, 1, 2);
    for (const { link } of again) {
      for (const { host } of again) link.publish(host.inbox, Buffer.from('x'), 1);
    }
    for (const { host } of again) await host.hears(3);

    expect(refusal).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(refusal.message).toMatch(new RegExp(`^${cluster.url}: .*ECONNREFUSED`));
    for (const { host } of links) expect(host.losses).toEqual([expect.objectContaining(LOST)]);
    for (const { host } of again) expect([host.verdicts, host.losses]).toEqual([[], []]);
  });
});

/** Until there is a link. */
async function redial(swarm: Swarm, host: Host) {
  const refusals: SwarmError[] = [];
  for (;;) {
    const connecting = swarm.connect(host);
    try {
      return { link: await connecting, refusals };
    } catch {
      const refusal = await failure(connecting);
      expect(refusal).toMatchObject({ subtype: 'closed', delivered: 'no' });
      refusals.push(refusal);
      await sleep(10);
    }
  }
}

/** Links may be made, and lost, before nodes that were apart have found out. */
async function untilTogether(swarms: readonly Swarm[], name: string): Promise<void> {
  for (let hear = 0; hear < swarms.length; ) {
    const linked = await Promise.all(
      swarms.map(async (swarm) => {
        const host = new Host(name);
        const { link } = await redial(swarm, host);
        return { host, link };
      }),
    );
    for (const { link } of linked) {
      for (const { host } of linked) link.publish(host.inbox, Buffer.from('x'), 1);
    }
    const said = ({ heard, losses, verdicts }: Host) =>
      heard.length >= swarms.length || losses.length + verdicts.length > 0;
    await Promise.all(linked.map(({ host }) => host.until(() => said(host))));
    hear = linked.filter(({ host }) => host.heard.length >= swarms.length).length;
    await Promise.all(linked.map(({ link }) => link.close()));
  }
}

/** So that no two links that are made one after another are at the same node. */
function inTurn(swarms: readonly Swarm[]): Swarm {
  const [first] = swarms as [Swarm];
  let connects = 0;
  return {
    ...first,
    connect: async (host) => {
      connects += 1;
      const swarm = swarms[connects % swarms.length] ?? first;
      return tidied(await swarm.connect(host), first);
    },
  };
}

/**
 * RabbitMQ takes seconds to forget thousands of bindings, and much longer when there are others to
 * be made meanwhile: the next clause waits until it has.
 */
function tidied(link: Link, swarm: Swarm): Link {
  let probe: string | null = null;
  return {
    subscribe: (subjects) => {
      if (subjects.length > 1_000) probe = subjects[0] ?? null;
      return link.subscribe(subjects);
    },
    unsubscribe: (subjects) => link.unsubscribe(subjects),
    publish: (subject, payload, token) => link.publish(subject, payload, token),
    close: async () => {
      await link.close();
      if (probe !== null) await unheard(probe, swarm);
    },
  };
}

async function unheard(subject: string, swarm: Swarm): Promise<void> {
  const host = new Host(subject.split('.', 1)[0]);
  const link = await swarm.connect(host);
  while (host.verdicts.length === 0) {
    link.publish(subject, new Uint8Array(), 1);
    await sleep(10);
  }
  await link.close();
}
