import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Broker, type BrokerCluster, requireBroker, startCluster } from '../src/brokers.ts';
import { processesIn } from './broker-processes.ts';
import { refusalOf, type Talk, talkTo } from './broker-talk.ts';

describe.runIf(requireBroker('nats'))('a cluster of NATS', () => {
  it('carries what is published at one server to all others', async () => {
    const cluster = await start();
    const talks = await talkToAll(cluster);

    await expectHeardByAll(talks);
    expect(cluster.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}$/);
  });

  it('goes on when one is killed, and takes it back', async () => {
    const cluster = await start();
    const [killed, ...others] = cluster.nodes;
    const talks = await Promise.all(others.map(({ port }) => talkToNats(port)));

    await killed?.kill();
    await cluster.formed();
    expect(await refusalOf(killed?.port ?? 0)).toBe('ECONNREFUSED');
    for (const { port } of others) expect(await portsKnownAt(port)).toEqual(portsOf(others));
    await expectHeardByAll(talks);

    await killed?.restart();
    await cluster.formed();
    for (const { port } of cluster.nodes) {
      expect(await portsKnownAt(port)).toEqual(portsOf(cluster.nodes));
    }
    await expectHeardByAll([...talks, await talkToNats(killed?.port ?? 0)]);
  });

  it('is formed when each that runs says so, and not before', async () => {
    const cluster = await start();
    const [killed, hanging, other] = cluster.nodes as [Broker, Broker, Broker];
    let isFormed = false;

    await hanging.pause();
    await killed.kill();
    const formed = cluster.formed().then(() => {
      isFormed = true;
    });
    while ((await portsKnownAt(other.port)).includes(killed.port)) {}
    expect(isFormed).toBe(false);
    await hanging.resume();
    await formed;

    expect(await portsKnownAt(hanging.port)).toEqual(portsOf([hanging, other]));
  });

  it('is killed as a whole, and comes back at the same ports', async () => {
    const cluster = await start();
    const { url } = cluster;
    const talks = await talkToAll(cluster);

    await cluster.kill();
    await Promise.all(talks.map(({ ended }) => ended));
    await cluster.restart();

    expect(cluster.url).toBe(url);
    await expectHeardByAll(await talkToAll(cluster));
  });

  it('leaves nothing when it is stopped', async () => {
    const cluster = await startCluster('nats');
    const ports = cluster.nodes.map(({ port }) => port);

    await Promise.all([cluster.stop(), cluster.stop()]);

    for (const { folder } of cluster.nodes) {
      await expect.poll(() => processesIn(folder)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
    }
    for (const port of ports) expect(await refusalOf(port)).toBe('ECONNREFUSED');
  });
});

async function start(): Promise<BrokerCluster> {
  const cluster = await startCluster('nats');
  onTestFinished(() => cluster.stop());
  return cluster;
}

function talkToAll({ nodes }: BrokerCluster): Promise<Talk[]> {
  return Promise.all(nodes.map(({ port }) => talkToNats(port)));
}

function portsOf(brokers: readonly Broker[]): number[] {
  return brokers.map(({ port }) => port).toSorted();
}

/** Its own, and those of the servers that it has a route to. */
async function portsKnownAt(port: number): Promise<number[]> {
  const info = (await (await talkTo(port)).hear()).slice('INFO '.length);
  const { connect_urls: urls = [] } = JSON.parse(info) as { connect_urls?: string[] };
  return urls.map((url) => Number(url.split(':')[1])).toSorted();
}

/** One that hears of the subject `all`. */
async function talkToNats(port: number): Promise<Talk> {
  const talk = await talkTo(port);
  talk.say('CONNECT {"verbose":false}');
  talk.say('SUB all 1');
  await untilPong(talk);
  return talk;
}

async function expectHeardByAll(talks: readonly Talk[]): Promise<void> {
  for (const from of talks) {
    for (const to of talks) if (to !== from) await heard(from, to);
  }
}

/** Says it again until it is heard: a server learns of the others' subscriptions a moment later. */
async function heard(from: Talk, to: Talk): Promise<void> {
  const text = randomUUID();
  const lines: string[] = [];
  while (!lines.includes(text)) {
    from.say(`PUB all ${text.length}\r\n${text}`);
    await untilPong(from);
    lines.push(...(await untilPong(to)));
  }
}

/** What it heard before. */
async function untilPong(talk: Talk): Promise<readonly string[]> {
  const lines: string[] = [];
  talk.say('PING');
  while (lines.at(-1) !== 'PONG') lines.push(await talk.hear());
  return lines;
}
