import { amqp } from '@swarm/amqp';
import type { SwarmFactory } from '@swarm/core';
import { nats } from '@swarm/nats';
import { redis } from '@swarm/redis';

/** Of all brokers that actors can meet on, besides memory. */
export const FACTORIES: readonly SwarmFactory[] = [redis, nats, amqp];
