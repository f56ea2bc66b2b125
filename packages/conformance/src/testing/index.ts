export type { TestClock } from './clock.ts';
export type { NetworkEnd, TestNetwork } from './network.ts';
export type {
  TestClient,
  TestClientOptions,
  TestPlace,
  TestServerOptions,
  TestSwarm,
  TestSwarmOptions,
} from './test-swarm.ts';
export { testSwarm } from './test-swarm.ts';
