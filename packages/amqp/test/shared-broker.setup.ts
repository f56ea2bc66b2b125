import { type Broker, requireBroker, startBroker } from '@swarm/conformance/brokers';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where there is none. */
    readonly rabbitmq: Pick<Broker, 'url' | 'port' | 'pid'> | null;
  }
}

/** A RabbitMQ for all files whose tests leave it as it is. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  if (!requireBroker('rabbitmq')) {
    provide('rabbitmq', null);
    return async () => {};
  }
  const broker = await startBroker('rabbitmq');
  const { url, port, pid } = broker;
  provide('rabbitmq', { url, port, pid });
  return () => broker.stop();
}
