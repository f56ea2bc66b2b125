import { requireBroker } from '@swarm/conformance/brokers';
import { beforeAll, describe, it } from 'vitest';
import { brokerOf, onSwarm, SINGLES } from '../src/brokers.ts';
import { DROPPED_TO_CLIENT, killed, RESET_ONE } from '../src/chaos/fault.ts';
import { resultOf } from '../src/chaos/result.ts';
import { runChaos } from '../src/chaos/run.ts';
import { chaosTable } from '../src/tables/chaos-table.ts';
import { build } from './build.ts';

const SEED = 1;
/** The command has more of it. */
const FAULTS = [killed(1_000), RESET_ONE, DROPPED_TO_CLIENT];

beforeAll(build, 120_000);

describe.concurrent.each(SINGLES)('%s, when things go wrong under load', (swarm) => {
  const kind = brokerOf(swarm);

  it.runIf(kind === null || requireBroker(kind))(
    'costs no request its one settlement, and runs none twice',
    { timeout: 180_000 },
    async ({ expect }) => {
      const run = await onSwarm(swarm, ({ site }) => runChaos(site, FAULTS, { seed: SEED }));

      const { result, broken } = resultOf(run, SEED);
      console.log(chaosTable(swarm, result));
      expect(Object.entries(broken).filter(([, labels]) => labels.length > 0)).toEqual([]);
      expect(result.faults.map(({ fault }) => fault)).toEqual(FAULTS.map(({ name }) => name));
      expect(result.covered.requests).toBeGreaterThan(100);
      // Otherwise nothing has gone wrong.
      expect(Math.min(...Object.values(result.counts))).toBeGreaterThan(0);
    },
  );
});
