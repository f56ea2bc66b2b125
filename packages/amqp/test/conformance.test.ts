import { swarmConformance } from '@swarm/conformance';
import { requireBroker, startBroker } from '@swarm/conformance/brokers';
import { describe } from 'vitest';
import { amqp } from '../src/index.ts';

describe.runIf(requireBroker('rabbitmq'))('with a RabbitMQ of its own', () => {
  swarmConformance('amqp', async () => {
    const broker = await startBroker('rabbitmq');
    return {
      swarm: amqp(broker.url),
      sever: () => broker.restart(),
      close: () => broker.stop(),
      // Every binding is a transaction there: the 10,000 of a clause take some seconds.
      settleMs: 10_000,
      // Nothing listens on the port that means "none".
      unreachable: { swarm: amqp('amqp://user:s3cret@127.0.0.1:1'), secret: 's3cret' },
    };
  });
});
