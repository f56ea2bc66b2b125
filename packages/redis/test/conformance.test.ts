import { swarmConformance } from '@swarm/conformance';
import { requireBroker, startBroker } from '@swarm/conformance/brokers';
import { describe } from 'vitest';
import { redis } from '../src/index.ts';

describe.runIf(requireBroker('redis'))('with a Redis of its own', () => {
  swarmConformance('redis', async () => {
    const broker = await startBroker('redis');
    return {
      swarm: redis(broker.url),
      sever: () => broker.restart(),
      close: () => broker.stop(),
      // Nothing listens on the port that means "none".
      unreachable: { swarm: redis('redis://user:s3cret@127.0.0.1:1'), secret: 's3cret' },
    };
  });
});
