import { requireBroker } from '@swarm/conformance/brokers';
import { beforeAll, describe, expect, it } from 'vitest';
import { brokerOf, CLUSTERS, type Ground, onSwarm } from '../src/brokers.ts';
import { RESET_ONE, serverKilled } from '../src/chaos/fault.ts';
import { resultOf } from '../src/chaos/result.ts';
import { runChaos } from '../src/chaos/run.ts';
import { differences, normalise } from '../src/normalise.ts';
import { performOn } from '../src/perform-on.ts';
import type { Performance } from '../src/scenario.ts';
import { chaosTable } from '../src/tables/chaos-table.ts';
import { build } from './build.ts';

const PATIENCE_MS = 300_000;
const SEED = 1;
const SERVERS = 3;

let memory: Performance;

beforeAll(async () => {
  await build();
  memory = await performOn('memory', SERVERS);
}, PATIENCE_MS);

describe.each(CLUSTERS)('on a %s', (swarm) => {
  const kind = brokerOf(swarm);
  const isThere = kind !== null && requireBroker(kind);

  it.runIf(isThere)(
    'processes do what as many servers do in memory',
    { timeout: PATIENCE_MS },
    async () => {
      const { trace, messages } = await performOn(swarm, SERVERS);

      expect(differences(normalise(memory.trace), normalise(trace))).toEqual([]);
      expect(messages).toBeGreaterThan(0);
    },
  );

  it.runIf(isThere)(
    'a server that is killed costs no request its one settlement, and runs none twice',
    { timeout: PATIENCE_MS },
    async () => {
      const run = await onSwarm(swarm, ({ site, servers }: Ground) => {
        const killings = servers.map((_server, index) => serverKilled(index));
        return runChaos(site, [...killings, RESET_ONE], { seed: SEED, servers });
      });

      const { result, broken } = resultOf(run, SEED);
      console.log(chaosTable(swarm, result));
      expect(Object.entries(broken).filter(([, labels]) => labels.length > 0)).toEqual([]);
      expect(result.covered.requests).toBeGreaterThan(100);
      // Otherwise nothing has gone wrong.
      expect(result.counts.no + result.counts.unknown).toBeGreaterThan(0);
    },
  );
});
