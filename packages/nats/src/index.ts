export type { NatsConnection } from './connection.ts';
export type { LinkOptions, NatsDialer, NatsFactory, NatsOptions } from './nats.ts';
export { nats } from './nats.ts';
