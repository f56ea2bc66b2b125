import {
  type Broker,
  type BrokerCluster,
  requireBroker,
  startCluster,
} from '@swarm/conformance/brokers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redis } from '../src/index.ts';
import { admin, Host, type Linked, meet, open, refusal, stopAfter } from './fixture.ts';
import { channelsAt, handOver, moveSlot, shardOf } from './redis-cluster.ts';

const ID_CHARS = 12;

describe.runIf(requireBroker('redis'))('in a Redis Cluster', () => {
  let cluster: BrokerCluster;

  beforeAll(async () => {
    cluster = await startCluster('redis');
  });

  // Whatever a test has done to nodes, the next one has all of them.
  beforeEach(async () => {
    for (const node of cluster.nodes) {
      await admin(node)
        .ping()
        .catch(() => node.restart());
    }
    await cluster.formed();
  });

  afterAll(() => cluster.stop());

  describe('links of a namespace', () => {
    it('meet at one node, whichever they ask', async () => {
      const links = await Promise.all(cluster.nodes.map(({ url }) => open(redis(url))));

      await meet(links);

      const { primary } = await shardOf(cluster, 'swarm');
      const id = String(await admin(primary).cluster('MYID'));
      const channels = await channelsAt(primary);
      const expected = links.map(({ host }) => `{swarm}${id.slice(0, ID_CHARS)}.${host.inbox}`);
      expect(channels).toEqual(expected.toSorted());
    });

    it('are where no other namespace of another shard is', async () => {
      const names = ['swarm', 'arena', 'a', 'b', 'c', 'd', 'e', 'f'];
      const swarm = redis(cluster.url);

      const links = await Promise.all(
        names.map((namespace) => open(swarm, new Host({ namespace }))),
      );
      for (const { host, link } of links) link.publish(host.inbox, Buffer.from('x'), 0);
      await Promise.all(links.map(({ host }) => host.hears(1)));

      const counts = await Promise.all(
        cluster.nodes.map(async (node) => (await channelsAt(node)).length),
      );
      expect(counts.filter((count) => count > 0)).toHaveLength(3);
      expect(counts.reduce((sum, count) => sum + count)).toBe(names.length);
    });

    it('carry frames up to frameBytesMax', async () => {
      const swarm = redis(cluster.url);
      const [{ host }, { link }] = await Promise.all([open(swarm), open(swarm)]);
      const lengths = [0, 1, 4_096, 4_097, swarm.capabilities.frameBytesMax];

      for (const length of lengths) link.publish(host.inbox, Buffer.alloc(length, 7), 0);
      await host.hears(lengths.length);

      expect(host.heard.map(({ payload }) => payload.length)).toEqual(lengths);
      expect(host.heard.every(({ payload }) => payload.every((byte) => byte === 7))).toBe(true);
    });

    it('come about while some hosts of the URL are down', async () => {
      const { replica, others } = await shardOf(cluster, 'swarm');
      await Promise.all([replica.kill(), others[0]?.kill()]);

      const links: Linked[] = [];
      for (let i = 0; i < 10; i += 1) links.push(await open(redis(cluster.url)));

      await meet(links);
    });
  });

  describe('when a primary is killed', () => {
    it('its links are lost, those of other shards go on, and new ones meet at its replica', async () => {
      const { primary, replica } = await shardOf(cluster, 'swarm');
      const far = await namespaceBesides(primary, cluster);
      const swarm = redis(cluster.url);
      const lost = await Promise.all([open(swarm), open(swarm)]);
      const others = await Promise.all(
        [far, far].map((namespace) => open(swarm, new Host({ namespace }))),
      );

      await primary.kill();
      await Promise.all(lost.map(({ host }) => host.isLost()));
      await meet(others);
      await cluster.formed();
      const later = await Promise.all([open(swarm), open(swarm), open(redis(replica.url))]);

      await meet(later);
      for (const { host } of lost) expect(host.losses).toHaveLength(1);
      expect(others.flatMap(({ host }) => host.losses)).toEqual([]);
      expect(await channelsAt(replica)).toHaveLength(later.length);
    });
  });

  describe('when a primary hands over to its replica', () => {
    it('all its links end, and no verdict is given of what somebody hears', async () => {
      const shard = await shardOf(cluster, 'swarm');
      const swarm = redis(cluster.url);
      const verdicts = new Set<number>();
      const heard = new Set<number>();
      let token = 0;
      // One end each that is there again as soon as its link is lost.
      const inboxes = ['a', 'b', 'c', 'd'].map((name) => `swarm.p.${name}`);
      const round = (linked: readonly Linked[]) => {
        for (const { link } of linked) {
          for (const inbox of inboxes) {
            token += 1;
            link.publish(inbox, Buffer.from(`${token}`), token);
          }
        }
      };
      const collect = ({ host }: Linked) => {
        for (const verdict of host.verdicts) verdicts.add(verdict);
        for (const { payload } of host.heard) heard.add(Number(Buffer.from(payload)));
      };
      const openAll = () => Promise.all(inboxes.map((inbox) => open(swarm, new Host({ inbox }))));

      const before = await openAll();
      for (const { host } of before) host.onHeard = () => round(before.slice(0, 1));
      round(before);
      await Promise.all(before.map(({ host }) => host.hears(100)));
      const handedOver = handOver(shard);
      const after: Linked[] = [];
      for (const [i, { host }] of before.entries()) {
        await host.isLost();
        after.push(await open(swarm, new Host({ inbox: inboxes[i] ?? '' })));
        round([...before, ...after]);
      }
      await handedOver;
      await meet(after);

      for (const linked of [...before, ...after]) collect(linked);
      expect(before.map(({ host }) => host.losses.length)).toEqual([1, 1, 1, 1]);
      expect([...verdicts].filter((verdict) => heard.has(verdict))).toEqual([]);
      expect(await channelsAt(shard.replica)).toHaveLength(inboxes.length);
    });

    it('who is still at the old one neither hears the others nor is heard', async () => {
      const shard = await shardOf(cluster, 'swarm');
      const { primary, replica } = shard;
      const swarm = redis(cluster.url);
      const { host } = await open(swarm);
      const [channel = ''] = await channelsAt(primary);
      await handOver(shard);
      await host.isLost();
      await cluster.formed();
      // As links would be that have not noticed.
      const [talker, listener] = [admin(primary), admin(primary)];
      const heard: string[] = [];
      listener.on('smessage', (_channel: string, text: string) => heard.push(text));
      await listener.ssubscribe(channel);

      const later = await open(swarm, new Host({ inbox: host.inbox }));
      const [present = ''] = await channelsAt(replica);
      expect(await talker.spublish(channel, 'from the old one')).toBe(1);
      // Nodes tell each other in order.
      await talker.spublish(present, 'fence');
      await later.host.hears(1);
      await later.link.unsubscribe([host.inbox]);
      const { host: other, link } = await open(swarm);
      link.publish(host.inbox, Buffer.from('to the old one'), 7);
      await other.until(() => other.verdicts.length > 0);
      await admin(replica).spublish(channel, 'fence');
      await expect.poll(() => heard.at(-1)).toBe('fence');

      expect(later.host.heard).toEqual([{ subject: host.inbox, payload: Buffer.from('fence') }]);
      expect(heard).toEqual(['from the old one', 'fence']);
      expect(other.verdicts).toEqual([7]);
    });
  });

  it('a slot that moves to another shard ends its links, which meet there', async () => {
    const { slot, primary, others } = await shardOf(cluster, 'swarm');
    const [target = primary] = others;
    const swarm = redis(cluster.url);
    const [idle, busy] = await Promise.all([open(swarm), open(swarm)]);
    busy.host.onHeard = ({ payload }) => busy.link.publish(busy.host.inbox, payload, 0);
    busy.link.publish(busy.host.inbox, Buffer.from('round and round'), 0);
    await busy.host.hears(10);

    await moveSlot(slot, primary, target);
    await Promise.all([idle.host.isLost(), busy.host.isLost()]);
    await cluster.formed();
    const later = await Promise.all([open(swarm), open(swarm)]);

    await meet(later);
    expect(await channelsAt(target)).toHaveLength(2);
  });

  it('a primary without the majority ends its links, if it is to do no pub/sub then', async () => {
    const { primary } = await shardOf(cluster, 'swarm');
    const watch = admin(primary);
    await watch.config('SET', 'cluster-allow-pubsubshard-when-down', 'no');
    const { host, link } = await open(redis(primary.url));
    host.onHeard = ({ payload }) => link.publish(host.inbox, payload, 1);
    link.publish(host.inbox, Buffer.from('round and round'), 1);

    const others = cluster.nodes.filter((node) => node !== primary);
    await Promise.all(others.map((node) => node.pause()));
    stopAfter(() => Promise.all(others.map((node) => node.resume())));
    await host.isLost();
    const { message } = await refusal(primary.url);

    expect(host.verdicts).toEqual([1]);
    for (const text of [message, String(host.losses[0])]) expect(text).toContain('CLUSTERDOWN');
    await watch.config('SET', 'cluster-allow-pubsubshard-when-down', 'yes');
  });
});

/** A namespace that another node has. */
async function namespaceBesides(primary: Broker, cluster: BrokerCluster): Promise<string> {
  for (const namespace of ['a', 'b', 'c', 'd', 'e', 'f']) {
    if ((await shardOf(cluster, namespace)).primary !== primary) return namespace;
  }
  throw new Error('one node has all of them');
}
