import { swarmConformance } from '@swarm/conformance';
import { requireBroker, startCluster } from '@swarm/conformance/brokers';
import { describe } from 'vitest';
import { redis } from '../src/index.ts';

describe.runIf(requireBroker('redis'))('with a Redis Cluster of its own', () => {
  swarmConformance('redis cluster', async () => {
    const cluster = await startCluster('redis');
    return {
      swarm: redis(cluster.url),
      sever: () => cluster.restart(),
      close: () => cluster.stop(),
      unreachable: {
        swarm: redis('redis://user:s3cret@127.0.0.1:1,127.0.0.1:2'),
        secret: 's3cret',
      },
    };
  });
});
