export type { AmqpFactory, AmqpOptions } from './amqp.ts';
export { amqp } from './amqp.ts';
