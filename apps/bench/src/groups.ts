import { amqp } from './groups/amqp.ts';
import { micro } from './groups/micro.ts';
import { nats } from './groups/nats.ts';
import { manyNodes, nodes } from './groups/nodes.ts';
import { processes } from './groups/processes.ts';
import { redis } from './groups/redis.ts';
import { remote } from './groups/remote.ts';
import { ws } from './groups/ws.ts';
import type { Group } from './plan.ts';

/** All there is, in the order of a run. Some share a name, for they are asked for together. */
export const GROUPS: readonly Group[] = [
  ...[ws, nats, redis, amqp, remote, processes],
  ...[nodes, manyNodes, micro],
];
