import { again, type Group } from '../plan.ts';

const LOCAL = 'swarm, same process';

/** Within one process. */
export const nodes: Group = {
  name: 'nodes',
  title: 'Node to node in one process',
  brokers: [],
  payloadBytes: 100,
  efforts: [
    { inFlight: 64, ms: 500, requestsMax: 1_000_000 },
    { inFlight: 1, ms: 500, requestsMax: 1_000_000 },
  ],
  warmUp: { inFlight: 64, ms: 1_500, requestsMax: 1_000_000 },
  cases: [
    { name: LOCAL, role: 'local-nodes' },
    { name: again(LOCAL), role: 'local-nodes' },
    { name: 'an async function', role: 'direct-call' },
  ],
  comparisons: [{ a: again(LOCAL), b: LOCAL, metric: 'p50', inFlight: 1 }],
  goals: [
    {
      ...{ id: 'local-us', text: 'a request within a process, in us' },
      ...{ a: LOCAL, metric: 'p50', inFlight: 1, bound: { atMost: 2 } },
    },
  ],
};

const MEMORY = '100,000 nodes';
const NATS = '100,000 nodes, announced on NATS';
const REDIS = '100,000 nodes, announced on Redis';
const ONCE = { inFlight: 1, ms: 0, requestsMax: 1 };

/** One request is all of them. */
export const manyNodes: Group = {
  name: 'nodes',
  title: '100,000 nodes in one process',
  brokers: ['nats', 'redis'],
  payloadBytes: 0,
  efforts: [ONCE],
  warmUp: ONCE,
  cases: [
    { name: MEMORY, role: 'create-nodes', variant: 'memory' },
    { name: again(MEMORY), role: 'create-nodes', variant: 'memory' },
    { name: NATS, role: 'create-nodes', variant: 'nats' },
    { name: REDIS, role: 'create-nodes', variant: 'redis' },
  ],
  comparisons: [{ a: again(MEMORY), b: MEMORY, metric: 'p50', inFlight: 1 }],
  goals: [
    {
      ...{ id: 'nodes-local', text: '100,000 nodes, in us' },
      ...{ a: MEMORY, metric: 'p50', inFlight: 1, bound: { atMost: 200_000 } },
    },
    {
      ...{ id: 'nodes-nats', text: '100,000 nodes announced on NATS, in us' },
      ...{ a: NATS, metric: 'p50', inFlight: 1, bound: { atMost: 2_000_000 } },
    },
    {
      ...{ id: 'nodes-redis', text: '100,000 nodes announced on Redis, in us' },
      ...{ a: REDIS, metric: 'p50', inFlight: 1, bound: { atMost: 1_000_000 } },
    },
  ],
};
