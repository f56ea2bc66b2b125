export type { Broker, BrokerKind, BrokerOptions, BrokerTls } from './broker/broker.ts';
export { type BrokerCluster, startCluster } from './broker/cluster.ts';
export { type FaultProxy, proxyTo } from './broker/fault-proxy.ts';
export { type ReservedPort, reservePort } from './broker/port.ts';
export { requireBroker } from './broker/program.ts';
export { rabbitmqctl } from './broker/rabbitmqctl.ts';
export { startBroker } from './broker/start.ts';
