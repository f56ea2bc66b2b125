import { amqp } from '@swarm/amqp';
import type { SwarmFactory } from '@swarm/core';
import { nats } from '@swarm/nats';
import { redis } from '@swarm/redis';
import type { ActorOptions } from './command.ts';

/** Of all brokers that actors can meet on, besides memory. */
export function factoriesBy({ natMap }: Pick<ActorOptions, 'natMap'>): readonly SwarmFactory[] {
  const { schemes } = redis;
  return [Object.assign((url: string) => redis(url, { natMap }), { schemes }), nats, amqp];
}
