import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';

export const dialClauses: readonly SwarmClause[] = [
  {
    id: 'DIAL-1',
    statement: 'connect rejects when the broker cannot be reached, with a reason',
    needs: 'unreachable',
    run: rejects,
  },
  {
    id: 'DIAL-2',
    statement: 'what connect rejects with shows no secret of the URL, however it is printed',
    needs: 'unreachable',
    run: keepsSecrets,
  },
];

async function rejects(bench: SwarmBench): Promise<void> {
  assert((await refusal(bench)) instanceof Error, 'it rejects with an Error');
}

async function keepsSecrets(bench: SwarmBench): Promise<void> {
  const error = await refusal(bench);
  const secret = bench.fixture.unreachable?.secret ?? '';
  assert(secret.length > 0, 'the fixture names the secret');

  for (const printed of [String(error), inspect(error), inspect(error, { depth: 10 })]) {
    assert(!printed.includes(secret), `the secret is in: ${printed.slice(0, 2_000)}`);
  }
}

/** What connect rejects with. */
async function refusal(bench: SwarmBench): Promise<unknown> {
  const { unreachable } = bench.fixture;
  assert(unreachable !== undefined);
  const connecting = bench.host(`${bench.prefix}.p.nowhere`).connect(unreachable.swarm);
  const result = await bench.waiting.settled(connecting, () => 'connect rejects');
  assert(result.status === 'rejected', 'it connects');
  return result.reason;
}
