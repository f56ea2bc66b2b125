import { again, type Group, REQUESTS } from '../plan.ts';

const RAW = 'nc.request()';
const OURS = 'swarm';
const INBOX = 'nats, own inbox';

/** Node to node in another process. */
export const nats: Group = {
  name: 'nats',
  title: 'Node to node, NATS',
  brokers: ['nats'],
  ...REQUESTS,
  cases: [
    { name: RAW, role: 'raw-nats', variant: 'request' },
    { name: again(RAW), role: 'raw-nats', variant: 'request' },
    { name: 'nc.request(), no traces', role: 'raw-nats', variant: 'request without traces' },
    { name: INBOX, role: 'raw-nats', variant: 'inbox' },
    { name: OURS, role: 'swarm-nodes', variant: 'nats' },
    { name: 'swarm, by name', role: 'swarm-nodes', variant: 'nats by name' },
    { name: 'moleculer', role: 'moleculer', variant: 'nats', isPeer: true },
    { name: 'Nest', role: 'nest', variant: 'nats', isPeer: true },
  ],
  comparisons: [
    { a: again(RAW), b: RAW, metric: 'rps', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'p50', inFlight: 64 },
    { a: OURS, b: 'nc.request(), no traces', metric: 'rps', inFlight: 64 },
    { a: OURS, b: INBOX, metric: 'rps', inFlight: 64 },
    { a: OURS, b: INBOX, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: INBOX, metric: 'p50', inFlight: 1 },
    { a: 'swarm, by name', b: OURS, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'moleculer', metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'Nest', metric: 'cpu', inFlight: 64 },
  ],
  goals: [
    {
      ...{ id: 'nats-raw', text: 'faster than `nc.request()`' },
      ...{ a: OURS, b: RAW, metric: 'rps', inFlight: 64, bound: { atLeast: 2.5 } },
    },
    {
      ...{ id: 'nats-moleculer', text: 'faster than moleculer' },
      ...{ a: OURS, b: 'moleculer', metric: 'rps', inFlight: 64, bound: { atLeast: 1.8 } },
    },
    {
      ...{ id: 'nats-moleculer-bytes', text: 'in fewer bytes than moleculer' },
      ...{ a: OURS, b: 'moleculer', metric: 'wire', inFlight: 64, bound: { atMost: 0.5 } },
    },
    {
      ...{ id: 'nats-nest', text: 'faster than Nest' },
      ...{ a: OURS, b: 'Nest', metric: 'rps', inFlight: 64, bound: { atLeast: 3 } },
    },
    {
      ...{ id: 'nats-latency', text: 'alone, as soon as `nc.request()`' },
      ...{ a: OURS, b: RAW, metric: 'p50', inFlight: 1, bound: { atMost: 1.3 } },
    },
  ],
};
