import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RABBITMQ_CLUSTER } from '../src/broker/cluster-rabbitmq.ts';
import { programOf } from '../src/broker/program.ts';
import {
  type Broker,
  type BrokerCluster,
  rabbitmqctl,
  requireBroker,
  startCluster,
} from '../src/brokers.ts';
import { processesIn } from './broker-processes.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.runIf(requireBroker('rabbitmq'))('A RabbitMQ cluster of the test', () => {
  let cluster: BrokerCluster;

  beforeAll(async () => {
    cluster = await startCluster('rabbitmq');
  });
  afterAll(() => cluster.stop());

  it('is one from the start, with a URL of all its nodes', async () => {
    const { url, nodes } = cluster;

    expect(nodes).toHaveLength(3);
    expect(url).toBe(`amqp://${nodes.map(({ port }) => `127.0.0.1:${port}`).join()}`);
    await expectOne(nodes);
  });

  it('goes on without any one of its nodes, which comes back to it', async () => {
    for (const node of cluster.nodes) {
      await node.kill();
      await cluster.formed();
      const others = cluster.nodes.filter((each) => each !== node);
      await expectOne(others);
      await node.restart();
      await cluster.formed();
    }

    await expectOne(cluster.nodes);
  });

  it('is not formed for as long as a node is missing', async () => {
    const program = programOf('rabbitmq');
    const sites = cluster.nodes.map(({ folder, port }) => {
      return { program, folder, ports: [port], config: [], tls: null };
    });
    const areFormed = () => RABBITMQ_CLUSTER.isFormed(sites);
    expect(await areFormed()).toBe(true);

    await cluster.nodes[1]?.kill();
    await expect.poll(areFormed).toBe(false);
    await cluster.nodes[1]?.restart();

    await expect.poll(areFormed).toBe(true);
  });

  it('is one again when all of its nodes were killed', async () => {
    await cluster.kill();
    for (const { folder, pid } of cluster.nodes) expect(processesIn(folder)).not.toContain(pid);
    await cluster.restart();

    await expectOne(cluster.nodes);
  });

  it('leaves no process and no folder when it stops, for good', async () => {
    const folders = cluster.nodes.map(({ folder }) => folder);

    await Promise.all([cluster.stop(), cluster.stop()]);

    expect(folders.filter(existsSync)).toEqual([]);
    // The helpers of Erlang's machine end by themselves once it is gone.
    const left = () => folders.flatMap(processesIn);
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    await expect(cluster.restart()).rejects.toThrow(TypeError);
  });
});

/** By what each of the nodes says itself. */
async function expectOne(nodes: readonly Broker[]): Promise<void> {
  const said = await Promise.all(
    nodes.map((node) => rabbitmqctl(node, 'cluster_status', '--formatter', 'json')),
  );

  const names = nodes.map(({ port }) => `swarm-${port}@localhost`).sort();
  const views = said.map((json) => JSON.parse(json).running_nodes.sort());
  expect(views).toEqual(nodes.map(() => names));
}
