import { installMissing } from './broker-install.ts';

/** Before tests that use RabbitMQ, which is large, and only if any of them is part of the run. */
export default function setup(): Promise<void> {
  return installMissing(['rabbitmq']);
}
