import { again, type Group, REQUESTS } from '../plan.ts';

const RAW = 'amqplib';
const OURS = 'swarm';
const TUNED = 'moleculer, tuned';

/** Node to node in another process. */
export const amqp: Group = {
  name: 'amqp',
  title: 'Node to node, AMQP',
  brokers: ['rabbitmq'],
  ...REQUESTS,
  efforts: [{ inFlight: 512, ms: 1_000, requestsMax: 1_000_000 }, ...REQUESTS.efforts],
  cases: [
    { name: RAW, role: 'raw-amqp' },
    { name: again(RAW), role: 'raw-amqp' },
    { name: OURS, role: 'swarm-nodes', variant: 'rabbitmq' },
    { name: 'swarm, by name', role: 'swarm-nodes', variant: 'rabbitmq by name' },
    // It never acknowledges what it gets, so that its queues keep all of it.
    { name: 'amqp-swarm', role: 'amqp-swarm-nodes', isPeer: true, isMessy: true },
    { name: 'Nest', role: 'nest', variant: 'rabbitmq', isPeer: true },
    { name: TUNED, role: 'moleculer', variant: 'rabbitmq tuned', isPeer: true },
    { name: 'moleculer', role: 'moleculer', variant: 'rabbitmq', isPeer: true, inFlightMax: 1 },
  ],
  comparisons: [
    { a: again(RAW), b: RAW, metric: 'rps', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'p50', inFlight: 64 },
    { a: OURS, b: RAW, metric: 'p50', inFlight: 1 },
    { a: 'swarm, by name', b: OURS, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'amqp-swarm', metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'Nest', metric: 'cpu', inFlight: 64 },
    { a: OURS, b: TUNED, metric: 'cpu', inFlight: 64 },
    { a: OURS, b: 'moleculer', metric: 'p50', inFlight: 1 },
  ],
  goals: [
    {
      ...{ id: 'amqp-raw', text: 'faster than amqplib by itself' },
      ...{ a: OURS, b: RAW, metric: 'rps', inFlight: 64, bound: { atLeast: 2.5 } },
    },
    {
      ...{ id: 'amqp-raw-512', text: 'faster than amqplib with much in flight' },
      ...{ a: OURS, b: RAW, metric: 'rps', inFlight: 512, bound: { atLeast: 4 } },
    },
    {
      ...{ id: 'amqp-raw-broker', text: 'in less of the CPU time of RabbitMQ' },
      ...{ a: OURS, b: RAW, metric: 'brokerCpu', inFlight: 64, bound: { atMost: 0.2 } },
    },
    {
      ...{ id: 'amqp-amqp-swarm', text: 'faster than amqp-swarm' },
      ...{ a: OURS, b: 'amqp-swarm', metric: 'rps', inFlight: 64, bound: { atLeast: 5 } },
    },
    {
      ...{ id: 'amqp-amqp-swarm-bytes', text: 'in fewer bytes than amqp-swarm' },
      ...{ a: OURS, b: 'amqp-swarm', metric: 'wire', inFlight: 64, bound: { atMost: 0.7 } },
    },
    {
      ...{ id: 'amqp-nest', text: 'faster than Nest' },
      ...{ a: OURS, b: 'Nest', metric: 'rps', inFlight: 64, bound: { atLeast: 5 } },
    },
    {
      ...{ id: 'amqp-moleculer', text: 'faster than moleculer, even tuned' },
      ...{ a: OURS, b: TUNED, metric: 'rps', inFlight: 64, bound: { atLeast: 3 } },
    },
    {
      ...{ id: 'amqp-moleculer-bytes', text: 'in fewer bytes than moleculer' },
      ...{ a: OURS, b: TUNED, metric: 'wire', inFlight: 64, bound: { atMost: 0.5 } },
    },
    {
      ...{ id: 'amqp-latency', text: 'alone, as soon as amqplib by itself' },
      ...{ a: OURS, b: RAW, metric: 'p50', inFlight: 1, bound: { atMost: 1.3 } },
    },
  ],
};
