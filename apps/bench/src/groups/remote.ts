import { again, type Group, REQUESTS } from '../plan.ts';

const RAW = { nats: 'NATS and ws', redis: 'Redis and ws', rabbitmq: 'AMQP and ws' };
const OURS = { nats: 'swarm, NATS', redis: 'swarm, Redis', rabbitmq: 'swarm, AMQP' };
const PUBSUB = 'socket.io, redis-adapter';
const STREAMS = 'socket.io, redis-streams-adapter';
const SEED = 'amqp-swarm';

/** Node to the client of another process, through a broker and a socket. */
export const remote: Group = {
  name: 'remote',
  title: 'Node to the client of another process',
  brokers: [],
  ...REQUESTS,
  cases: [
    { name: RAW.redis, role: 'raw-remote', variant: 'redis', broker: 'redis' },
    { name: again(RAW.redis), role: 'raw-remote', variant: 'redis', broker: 'redis' },
    { name: RAW.nats, role: 'raw-remote', variant: 'nats', broker: 'nats' },
    { name: RAW.rabbitmq, role: 'raw-remote', variant: 'rabbitmq', broker: 'rabbitmq' },
    { name: OURS.redis, role: 'swarm-remote', variant: 'redis', broker: 'redis' },
    { name: OURS.nats, role: 'swarm-remote', variant: 'nats', broker: 'nats' },
    { name: OURS.rabbitmq, role: 'swarm-remote', variant: 'rabbitmq', broker: 'rabbitmq' },
    { name: PUBSUB, role: 'socket-io-remote', variant: 'pubsub', broker: 'redis', isPeer: true },
    { name: STREAMS, role: 'socket-io-remote', variant: 'streams', broker: 'redis', isPeer: true },
    // It never acknowledges what it gets, so that its queues keep all of it.
    { name: SEED, role: 'amqp-swarm-remote', broker: 'rabbitmq', isPeer: true, isMessy: true },
  ],
  comparisons: [
    { a: again(RAW.redis), b: RAW.redis, metric: 'rps', inFlight: 64 },
    { a: OURS.redis, b: RAW.redis, metric: 'cpu', inFlight: 64 },
    { a: OURS.nats, b: RAW.nats, metric: 'cpu', inFlight: 64 },
    { a: OURS.rabbitmq, b: RAW.rabbitmq, metric: 'cpu', inFlight: 64 },
    { a: OURS.redis, b: RAW.redis, metric: 'p50', inFlight: 1 },
    { a: OURS.nats, b: RAW.nats, metric: 'p50', inFlight: 1 },
    { a: OURS.rabbitmq, b: RAW.rabbitmq, metric: 'p50', inFlight: 1 },
    { a: OURS.redis, b: PUBSUB, metric: 'p50', inFlight: 1 },
    { a: OURS.rabbitmq, b: SEED, metric: 'cpu', inFlight: 64 },
  ],
  goals: [
    {
      ...{ id: 'remote-nats', text: 'nearly as fast as handing on bytes, NATS' },
      ...{ a: OURS.nats, b: RAW.nats, metric: 'rps', inFlight: 64, bound: { atLeast: 0.6 } },
    },
    {
      ...{ id: 'remote-redis', text: 'as fast as handing on bytes, Redis' },
      ...{ a: OURS.redis, b: RAW.redis, metric: 'rps', inFlight: 64, bound: { atLeast: 0.9 } },
    },
    {
      ...{ id: 'remote-amqp', text: 'faster than handing on bytes, AMQP' },
      ...{ a: OURS.rabbitmq, b: RAW.rabbitmq, metric: 'rps', inFlight: 64 },
      bound: { atLeast: 2 },
    },
    {
      ...{ id: 'remote-pubsub', text: 'faster than socket.io' },
      ...{ a: OURS.redis, b: PUBSUB, metric: 'rps', inFlight: 64, bound: { atLeast: 4 } },
    },
    {
      ...{ id: 'remote-pubsub-cpu', text: 'in less CPU time than socket.io' },
      ...{ a: OURS.redis, b: PUBSUB, metric: 'cpu', inFlight: 64, bound: { atMost: 0.2 } },
    },
    {
      ...{ id: 'remote-pubsub-bytes', text: 'in fewer bytes than socket.io' },
      ...{ a: OURS.redis, b: PUBSUB, metric: 'wire', inFlight: 64, bound: { atMost: 0.5 } },
    },
    {
      ...{ id: 'remote-streams', text: 'faster than socket.io with streams' },
      ...{ a: OURS.redis, b: STREAMS, metric: 'rps', inFlight: 64, bound: { atLeast: 4 } },
    },
    {
      ...{ id: 'remote-streams-cpu', text: 'in less CPU time than socket.io with streams' },
      ...{ a: OURS.redis, b: STREAMS, metric: 'cpu', inFlight: 64, bound: { atMost: 0.2 } },
    },
    {
      ...{ id: 'remote-amqp-swarm', text: 'faster than amqp-swarm' },
      ...{ a: OURS.rabbitmq, b: SEED, metric: 'rps', inFlight: 64, bound: { atLeast: 5 } },
    },
    {
      ...{ id: 'remote-amqp-swarm-bytes', text: 'in fewer bytes than amqp-swarm' },
      ...{ a: OURS.rabbitmq, b: SEED, metric: 'wire', inFlight: 64, bound: { atMost: 0.7 } },
    },
  ],
};
