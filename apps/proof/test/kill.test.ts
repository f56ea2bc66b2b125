import { requireBroker, startBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { killRepeatedly } from '../src/kill.ts';
import { linesOf } from '../src/kills/report.ts';
import { brokerSite } from '../src/stage/site.ts';
import { build } from './build.ts';

const KILLS = 10;
const SEED = 1;

describe.each(['redis', 'nats'] as const)('%s, killed again and again under load', (kind) => {
  it.runIf(requireBroker(kind))(
    'costs no request its one settlement, and runs none twice',
    { timeout: 300_000 },
    async () => {
      await build();
      const broker = await startBroker(kind);

      const report = await killRepeatedly(brokerSite(broker), { kills: KILLS, seed: SEED }).finally(
        () => broker.stop(),
      );
      console.log([`${kind}, seed ${SEED}`, ...linesOf(report)].join('\n'));

      const { verdict, kills } = report;
      expect(kills.map(({ recoveryMs }) => recoveryMs.length)).toEqual(Array(KILLS).fill(6));
      expect(verdict.broken).toEqual({
        unsettled: [],
        settledTwice: [],
        ranTwice: [],
        ranThoughNo: [],
        wronglyAnswered: [],
        failedWithin: [],
        outlivedLink: [],
        ranTooEarly: [],
        skipped: [],
      });
      expect(verdict.covered.ok / verdict.covered.requests).toBeGreaterThanOrEqual(0.99);
      expect(Math.min(...Object.values(verdict.counts))).toBeGreaterThan(0);
    },
  );
});
