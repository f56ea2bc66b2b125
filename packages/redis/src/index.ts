export type { RedisOptions } from './client.ts';
export type { RedisFactory } from './redis.ts';
export { redis } from './redis.ts';
