import { connect } from '@swarm/ws';
import { page } from './page-contract.ts';

/** Exported as inferred: the types of a client have names in a page as well. */
export const client = connect('/swarm', { contract: page });

export async function add(a: number, b: number) {
  const answer = await client.call.add.safe(a, b);
  return answer.ok ? answer.result : answer.error.code;
}
