import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Broker, type BrokerCluster, requireBroker, startCluster } from '../src/brokers.ts';
import { processesIn } from './broker-processes.ts';
import { refusalOf, type Talk, talkTo } from './broker-talk.ts';

const SLOTS = 16_384;

describe.runIf(requireBroker('redis'))('a cluster of Redis', () => {
  it('has all slots at three primaries with a replica each, and all nodes agree on that', async () => {
    const cluster = await start();

    for (const node of cluster.nodes) {
      const view = await viewOf(node);
      expect(view.map(({ port }) => port)).toEqual(portsOf(cluster.nodes).toSorted());
      expect(view.every(({ isWell }) => isWell)).toBe(true);
      expect(slotsOf(view)).toBe(SLOTS);
      for (const { port, id } of view.filter(({ primary }) => primary === null)) {
        expect(
          view.filter(({ primary }) => primary === id),
          `${port}`,
        ).toHaveLength(1);
      }
    }
    expect(cluster.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){5}$/);
  });

  it('carries what is published at one node to all others', async () => {
    const cluster = await start();
    const talks = await Promise.all(cluster.nodes.map(({ port }) => talkTo(port)));
    for (const talk of talks) {
      talk.say('SUBSCRIBE all');
      await hearAll(talk, ['*3', '$9', 'subscribe', '$3', 'all', ':1']);
    }

    for (const [i, { port }] of cluster.nodes.entries()) {
      (await talkTo(port)).say(`PUBLISH all ${i}`);
      const message = ['*3', '$7', 'message', '$3', 'all', '$1', `${i}`];
      for (const talk of talks) await hearAll(talk, message);
    }
  });

  it('is formed when the replica of a killed primary has its slots, and takes it back', async () => {
    const cluster = await start();
    const [killed, ...others] = cluster.nodes;
    if (killed === undefined) throw new TypeError('a cluster without nodes');

    await killed.kill();
    await cluster.formed();
    for (const node of others) {
      const view = await viewOf(node);
      const running = view.filter(({ port }) => port !== killed.port);
      expect(slotsOf(running)).toBe(SLOTS);
      expect(running.every(({ isWell }) => isWell)).toBe(true);
    }

    await killed.restart();
    await cluster.formed();
    const view = await viewOf(killed);
    expect(view.every(({ isWell }) => isWell)).toBe(true);
    expect(view.find(({ port }) => port === killed.port)?.primary).not.toBe(null);
  });

  it('is formed again when slots that had no node have one again', async () => {
    const cluster = await start();
    const [primary, other, , replica] = cluster.nodes;

    await Promise.all([primary?.kill(), replica?.kill()]);
    await expect.poll(() => stateOf(other), { timeout: 10_000 }).toBe('fail');
    await primary?.restart();
    await cluster.formed();

    expect(await stateOf(other)).toBe('ok');
    expect(await stateOf(primary)).toBe('ok');
  });

  it('is killed as a whole, and comes back at the same ports', async () => {
    const cluster = await start();
    const { url } = cluster;
    const talks = await Promise.all(cluster.nodes.map(({ port }) => talkTo(port)));

    await cluster.kill();
    await Promise.all(talks.map(({ ended }) => ended));
    await cluster.restart();

    expect(cluster.url).toBe(url);
    for (const node of cluster.nodes) expect(slotsOf(await viewOf(node))).toBe(SLOTS);
  });

  it('leaves nothing when it is stopped', async () => {
    const cluster = await startCluster('redis');

    await Promise.all([cluster.stop(), cluster.stop()]);

    for (const { folder, port } of cluster.nodes) {
      await expect.poll(() => processesIn(folder)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
      expect(await refusalOf(port)).toBe('ECONNREFUSED');
    }
  });
});

async function start(): Promise<BrokerCluster> {
  const cluster = await startCluster('redis');
  onTestFinished(() => cluster.stop());
  return cluster;
}

/** What one node says of another, or itself. */
interface Seen {
  readonly id: string;
  readonly port: number;
  /** The id of the one it follows. */
  readonly primary: string | null;
  readonly isWell: boolean;
  readonly slots: number;
}

async function viewOf({ port }: Broker): Promise<readonly Seen[]> {
  const lines = (await ask(port, 'CLUSTER NODES')).trim().split('\n');
  return lines.map(seen).toSorted((a, b) => a.port - b.port);
}

function seen(line: string): Seen {
  const [id = '', place = '', flags = '', primary = '', , , , link, ...ranges] = line.split(' ');
  const counts = ranges.map((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return to - from + 1;
  });
  return {
    id,
    port: Number(/:(\d+)@/.exec(place)?.[1]),
    primary: primary === '-' ? null : primary,
    isWell: !flags.includes('fail') && link === 'connected',
    slots: counts.reduce((sum, count) => sum + count, 0),
  };
}

function slotsOf(view: readonly Seen[]): number {
  return view.reduce((sum, { slots }) => sum + slots, 0);
}

function portsOf(nodes: readonly Broker[]): number[] {
  return nodes.map(({ port }) => port);
}

async function stateOf(node: Broker | undefined): Promise<string | undefined> {
  return /cluster_state:(\w+)/.exec(await ask(node?.port ?? 0, 'CLUSTER INFO'))?.[1];
}

/** The text that one command is answered with, after its length. */
async function ask(port: number, command: string): Promise<string> {
  const talk = await talkTo(port);
  talk.say(command);
  talk.end();
  await talk.ended;
  return talk.unheard.slice(1).join('\n');
}

async function hearAll(talk: Talk, lines: readonly string[]): Promise<void> {
  for (const line of lines) expect(await talk.hear()).toBe(line);
}
