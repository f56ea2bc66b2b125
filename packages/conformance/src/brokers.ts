export type { Broker, BrokerKind, BrokerOptions, BrokerTls } from './broker/broker.ts';
export { type FaultProxy, proxyTo } from './broker/fault-proxy.ts';
export { requireBroker } from './broker/program.ts';
export { startBroker } from './broker/start.ts';
