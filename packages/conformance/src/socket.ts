import { type ClauseResult, tryClause } from './clauses/clause.ts';
import { declareClauses } from './clauses/declare.ts';
import { SOCKET_CLAUSES } from './clauses/socket.ts';
import { type SocketClause, type SocketFixture, socketCandidate } from './socket-bench.ts';

/**
 * Declare, in a test file of an adapter, one test for every promise of the socket contract. `open`
 * is called once, with the first of them. Clauses that the adapter does not claim are skipped.
 *
 * @example
 * ```ts
 * socketConformance('tcp', () => ({ pair: connectedPair }));
 * ```
 */
export function socketConformance(
  title: string,
  open: () => Promise<SocketFixture> | SocketFixture,
): void {
  declareClauses(`${title} conforms to Socket`, SOCKET_CLAUSES, async () =>
    socketCandidate(await open()),
  );
}

/** Try clauses on a socket, outside of any test. The fixture's `close` is left to the caller. */
export async function trySocket(
  fixture: SocketFixture,
  clauses: readonly SocketClause[] = SOCKET_CLAUSES,
): Promise<ClauseResult[]> {
  const candidate = await socketCandidate(fixture);
  const results: ClauseResult[] = [];
  for (const clause of clauses) results.push(await tryClause(clause, candidate));
  return results;
}
