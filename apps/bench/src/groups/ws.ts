import { again, type Group, REQUESTS } from '../plan.ts';

const RAW = 'ws, naive echo';
const OURS = 'swarm';

/** Client to its node. */
export const ws: Group = {
  name: 'ws',
  title: 'Client to its node, WebSocket',
  brokers: [],
  ...REQUESTS,
  cases: [
    { name: RAW, role: 'raw-ws', variant: 'naive' },
    { name: again(RAW), role: 'raw-ws', variant: 'naive' },
    { name: 'ws, corked echo', role: 'raw-ws', variant: 'corked' },
    { name: OURS, role: 'swarm-ws' },
    { name: 'socket.io', role: 'socket-io', isPeer: true },
    { name: 'amqp-swarm', role: 'amqp-swarm', isPeer: true, broker: 'rabbitmq' },
  ],
  comparisons: [
    { a: again(RAW), b: RAW, metric: 'rps', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'p50', inFlight: 64 },
    { a: OURS, b: 'ws, corked echo', metric: 'rps', inFlight: 64 },
    { a: OURS, b: 'amqp-swarm', metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'socket.io', metric: 'p50', inFlight: 1 },
    { a: OURS, b: 'socket.io', metric: 'wire', inFlight: 64 },
  ],
  goals: [
    {
      ...{ id: 'ws-raw', text: 'as fast as a naive echo of bytes' },
      ...{ a: OURS, b: RAW, metric: 'rps', inFlight: 64, bound: { atLeast: 0.95 } },
    },
    {
      ...{ id: 'ws-socket.io', text: 'faster than socket.io' },
      ...{ a: OURS, b: 'socket.io', metric: 'rps', inFlight: 64, bound: { atLeast: 1.5 } },
    },
    {
      ...{ id: 'ws-socket.io-cpu', text: 'in less CPU time than socket.io' },
      ...{ a: OURS, b: 'socket.io', metric: 'cpu', inFlight: 64, bound: { atMost: 0.5 } },
    },
    {
      ...{ id: 'ws-amqp-swarm', text: 'faster than amqp-swarm' },
      ...{ a: OURS, b: 'amqp-swarm', metric: 'rps', inFlight: 64, bound: { atLeast: 1.8 } },
    },
    {
      ...{ id: 'ws-latency', text: 'alone, as soon as a naive echo' },
      ...{ a: OURS, b: RAW, metric: 'p50', inFlight: 1, bound: { atMost: 1.3 } },
    },
  ],
};
