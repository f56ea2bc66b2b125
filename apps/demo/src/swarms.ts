import { amqp } from '@swarm/amqp';
import { broadcast } from '@swarm/conformance/example';
import { openSwarm, type Swarm } from '@swarm/core';
import { nats } from '@swarm/nats';
import { redis } from '@swarm/redis';

/** The swarm a URL names: the one place of the demo that knows brokers. */
export function swarmOf(url: string): Swarm {
  return openSwarm(url, [redis, nats, amqp, broadcast]);
}
