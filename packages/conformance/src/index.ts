export type { Clause, ClauseResult } from './clauses/clause.ts';
export type { ClauseMeta } from './clauses/declare.ts';
export { SOCKET_CLAUSES } from './clauses/socket.ts';
export { SWARM_CLAUSES } from './clauses/swarm.ts';
export { socketConformance, trySocket } from './socket.ts';
export type { SocketClaim, SocketClause, SocketFixture, SocketPair } from './socket-bench.ts';
export { swarmConformance, trySwarm } from './swarm.ts';
export type { SwarmClaim, SwarmClause, SwarmFixture } from './swarm-bench.ts';
