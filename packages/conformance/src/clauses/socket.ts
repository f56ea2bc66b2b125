import type { SocketClause } from '../socket-bench.ts';
import { bufferClauses } from './socket/buffer.ts';
import { cutClauses } from './socket/cut.ts';
import { endClauses } from './socket/end.ts';
import { limitClauses } from './socket/limit.ts';
import { messageClauses } from './socket/message.ts';
import { socketsClauses } from './socket/sockets.ts';

/** Everything the socket contract promises. */
export const SOCKET_CLAUSES: readonly SocketClause[] = [
  ...messageClauses,
  ...limitClauses,
  ...endClauses,
  ...cutClauses,
  ...bufferClauses,
  ...socketsClauses,
];
