import {
  type Broker,
  type BrokerCluster,
  type FaultProxy,
  proxyTo,
  reservePort,
  startBroker,
  startCluster,
} from '@swarm/conformance/brokers';
import type { Link, Swarm } from '@swarm/core';
import { onTestFinished } from 'vitest';
import { nats } from '../src/index.ts';
import { Host, open } from './fixture.ts';

/** Each link is at another server than the one before: chance would put many at the same. */
export function inTurn(swarms: readonly Swarm[]): Swarm {
  const [first] = swarms;
  if (first === undefined) throw new TypeError('no swarms');
  let turn = 0;
  return {
    ...first,
    connect: (host) => {
      turn += 1;
      return (swarms[turn % swarms.length] ?? first).connect(host);
    },
  };
}

/** A cluster that ends with the test. */
export async function startServers(): Promise<BrokerCluster> {
  const cluster = await startCluster('nats');
  onTestFinished(() => cluster.stop());
  return cluster;
}

/** Two servers with one route, which can be made to fail. They end with the test. */
export interface Pair {
  readonly one: Broker;
  readonly other: Broker;
  readonly route: FaultProxy;
  /** The route is lost, and does not come back before `rejoin`. */
  part(): void;
  rejoin(): Promise<void>;
}

export async function startPair(): Promise<Pair> {
  const [from, to] = [await reservePort(), await reservePort()];
  const route = await proxyTo(to.port);
  // Of two servers only the one that is told to dials the other.
  const one = await startBroker('nats', { config: [clusterLine(to.port)] });
  const other = await startBroker('nats', { config: [clusterLine(from.port, route.port)] });
  onTestFinished(async () => {
    await Promise.all([one.stop(), other.stop(), route.close()]);
    for (const { release } of [from, to]) release();
  });
  return {
    one,
    other,
    route,
    part() {
      route.refuse();
      route.cut();
    },
    rejoin: () => route.pass(),
  };
}

function clusterLine(port: number, ...routes: readonly number[]): string {
  const urls = routes.map((route) => `"nats://127.0.0.1:${route}"`).join();
  return `cluster { name: pair, listen: "127.0.0.1:${port}", routes: [${urls}] }`;
}

/** A link, and what it is told. */
export interface End {
  readonly host: Host;
  readonly link: Link;
}

/** Links that reach each other, one at each of these servers. */
export async function openAt(
  urls: readonly string[],
  swarmAt: (url: string) => Swarm = (url) => nats(url),
): Promise<End[]> {
  const opened = urls.map(async (url, i): Promise<End> => {
    const host = new Host(`swarm.p.${i}`);
    return { host, link: await open(swarmAt(url), host) };
  });
  const ends = await Promise.all(opened);
  for (const from of ends) for (const to of ends) await reach(from, to.host);
  return ends;
}

/** Says it again for as long as nobody hears: servers learn of subscriptions a moment later. */
export async function reach({ link }: End, to: Host): Promise<void> {
  const before = to.heard.length;
  while (to.heard.length === before) {
    link.publish(to.inbox, Buffer.from('hello'), 0);
    await link.subscribe([]);
  }
}

/** Says it again for as long as the server knows of somebody who should hear it. */
export async function untilUnheard({ host, link }: End, subject: string): Promise<void> {
  const before = host.verdicts.length;
  while (host.verdicts.length === before) {
    link.publish(subject, Buffer.from('hello?'), 1);
    await link.subscribe([]);
  }
}
