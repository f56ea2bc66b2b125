import { again, type Group, REQUESTS } from '../plan.ts';

const RAW = 'ioredis';
const OURS = 'swarm';
const CORKED = 'ioredis, corked';

/** Node to node in another process. */
export const redis: Group = {
  name: 'redis',
  title: 'Node to node, Redis',
  brokers: ['redis'],
  ...REQUESTS,
  cases: [
    { name: RAW, role: 'raw-redis', variant: 'plain' },
    { name: again(RAW), role: 'raw-redis', variant: 'plain' },
    { name: CORKED, role: 'raw-redis', variant: 'corked' },
    { name: OURS, role: 'swarm-nodes', variant: 'redis' },
    { name: 'swarm, by name', role: 'swarm-nodes', variant: 'redis by name' },
    { name: 'moleculer', role: 'moleculer', variant: 'redis', isPeer: true },
    { name: 'Nest', role: 'nest', variant: 'redis', isPeer: true },
  ],
  comparisons: [
    { a: again(RAW), b: RAW, metric: 'rps', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'p50', inFlight: 64 },
    { a: OURS, b: CORKED, metric: 'rps', inFlight: 64 },
    { a: OURS, b: CORKED, metric: 'cpu', inFlight: 64 },
    { a: 'swarm, by name', b: OURS, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'moleculer', metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'Nest', metric: 'cpu', inFlight: 64 },
  ],
  goals: [
    {
      ...{ id: 'redis-raw', text: 'faster than ioredis by itself' },
      ...{ a: OURS, b: RAW, metric: 'rps', inFlight: 64, bound: { atLeast: 2 } },
    },
    {
      ...{ id: 'redis-moleculer', text: 'faster than moleculer' },
      ...{ a: OURS, b: 'moleculer', metric: 'rps', inFlight: 64, bound: { atLeast: 2.5 } },
    },
    {
      ...{ id: 'redis-moleculer-bytes', text: 'in fewer bytes than moleculer' },
      ...{ a: OURS, b: 'moleculer', metric: 'wire', inFlight: 64, bound: { atMost: 0.5 } },
    },
    {
      ...{ id: 'redis-nest', text: 'faster than Nest' },
      ...{ a: OURS, b: 'Nest', metric: 'rps', inFlight: 64, bound: { atLeast: 2 } },
    },
    {
      ...{ id: 'redis-latency', text: 'alone, as soon as ioredis by itself' },
      ...{ a: OURS, b: RAW, metric: 'p50', inFlight: 1, bound: { atMost: 1.3 } },
    },
  ],
};
