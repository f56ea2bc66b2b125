import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli-main.ts';
import { SOCKET_CLAUSES, SWARM_CLAUSES } from '../src/index.ts';
import { isProved, printReport, type Report, type ReportedClause } from '../src/report.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const KIT = fileURLToPath(new URL('../src/index.ts', import.meta.url));
const CORE = fileURLToPath(new URL('../../core/src/index.ts', import.meta.url));

const VITEST = JSON.stringify(join(ROOT, 'node_modules/vitest/dist/index.js'));

const CONFIG = `
export default { ssr: { resolve: { conditions: ['@swarm/source', 'module', 'node'] } } };
`;

/** Memory that is told an end twice, in a file that also has a test of another kind. */
const BROKEN = `
import { it } from ${VITEST};
import { swarmConformance } from ${JSON.stringify(KIT)};
import { memory } from ${JSON.stringify(CORE)};

it('is not a clause', () => {});

swarmConformance('broken', () => {
  const inner = memory('memory:broken');
  const swarm = {
    name: inner.name,
    capabilities: inner.capabilities,
    connect: (host) => {
      const lost = (cause) => {
        host.lost(cause);
        host.lost(cause);
      };
      return inner.connect({
        inbox: host.inbox,
        frameBytesMax: host.frameBytesMax,
        deliver: (subject, payload) => host.deliver(subject, payload),
        undeliverable: (token) => host.undeliverable(token),
        pressure: (on) => host.pressure(on),
        lost,
      });
    },
  };
  return { swarm, sever: () => inner.cut(), settleMs: 200 };
});
`;

/** There is no broker. */
const ABSENT = `
import { describe } from ${VITEST};
import { socketConformance, swarmConformance } from ${JSON.stringify(KIT)};

describe.skip('with a broker', () => swarmConformance('absent', () => { throw new Error(); }));
socketConformance('dead', () => { throw new Error('it does not start'); });
`;

const passed: ReportedClause = {
  suite: 'x conforms to Swarm',
  id: 'DELIVER-1',
  statement: 'it arrives',
  claimed: true,
  outcome: 'passed',
};
const unclaimed: ReportedClause = { ...passed, claimed: false, outcome: 'unclaimed' };
const failed: ReportedClause = { ...passed, outcome: 'failed', error: 'it did not\n  at …' };
const skipped: ReportedClause = { ...passed, outcome: 'skipped' };

function reportOf(...clauses: ReportedClause[]): Report {
  return { adapter: 'x', capabilities: null, clauses };
}

describe('a report', () => {
  it('has a line for each clause and the score in the last', () => {
    expect(printReport(reportOf(passed, failed, unclaimed)).split('\n')).toEqual([
      'x conforms to Swarm',
      '  passed    DELIVER-1       it arrives',
      '  failed    DELIVER-1       it arrives',
      '                            it did not',
      '  unclaimed DELIVER-1       it arrives',
      '',
      '1/2 claimed clauses passed (1 unclaimed)',
    ]);
  });

  it('says what was skipped, and takes it for no proof', () => {
    expect(printReport(reportOf(passed, skipped))).toMatch(
      /\n1\/2 claimed clauses passed \(0 unclaimed, 1 skipped\)$/,
    );
    expect(isProved(reportOf(passed, skipped))).toBe(false);
  });

  it('proves an adapter when all that is claimed has passed, and something is', () => {
    expect(isProved(reportOf(passed, unclaimed))).toBe(true);
    expect(isProved(reportOf(passed, failed))).toBe(false);
    expect(isProved(reportOf(unclaimed))).toBe(false);
    expect(isProved(reportOf())).toBe(false);
  });
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kit-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function writeAdapter(name: string, source: string): void {
    const tests = join(folder, 'packages', name, 'test');
    mkdirSync(tests, { recursive: true });
    writeFileSync(join(folder, 'vitest.config.mjs'), CONFIG);
    writeFileSync(join(tests, 'conformance.test.ts'), source);
  }

  async function run(...args: string[]): Promise<{ code: number; lines: string[] }> {
    const lines: string[] = [];
    const code = await main(args, folder, (text) => lines.push(...text.split('\n')));
    return { code, lines };
  }

  it('runs the conformance file of an adapter, and fails when a clause does', async () => {
    writeAdapter('broken', BROKEN);
    const json = join(folder, 'out.json');
    const { code, lines } = await run('--adapter', 'broken', '--json', json);
    const report = JSON.parse(readFileSync(json, 'utf8'));

    expect(lines.filter((line) => line.startsWith('  failed'))).toEqual([
      expect.stringMatching(/^ {2}failed {4}LOSS-1 /),
    ]);
    expect(lines.at(-1)).toMatch(/^(\d+)\/\d+ claimed clauses passed \(3 unclaimed\)$/);
    expect(code).toBe(1);
    expect(report.adapter).toBe('broken');
    expect(report.capabilities).toMatchObject({ detectsNoReceiver: true });
    expect(report.clauses).toContainEqual({
      suite: 'broken conforms to Swarm',
      id: 'DELIVER-1',
      statement: 'a link hears its inbox from the moment connect resolves',
      claimed: true,
      outcome: 'passed',
    });
    expect(report.clauses).toContainEqual(
      expect.objectContaining({ id: 'VERDICT-6', claimed: false, outcome: 'unclaimed' }),
    );
  }, 60_000);

  it('takes neither what was skipped nor what could not start for a proof', async () => {
    writeAdapter('absent', ABSENT);

    const { code, lines } = await run('--adapter', 'absent');

    const swarm = SWARM_CLAUSES.length;
    const all = swarm + SOCKET_CLAUSES.length;
    expect(lines.filter((line) => line.trim() === 'it does not start')).toHaveLength(all - swarm);
    expect(lines.at(-1)).toBe(`0/${all} claimed clauses passed (0 unclaimed, ${swarm} skipped)`);
    expect(code).toBe(1);
  }, 60_000);

  it('names the adapters there are when it does not know one', async () => {
    mkdirSync(join(folder, 'packages/none'), { recursive: true });

    const { code, lines } = await run('--adapter', 'none');

    expect(code).toBe(2);
    expect(lines.at(-1)).toBe('adapters: absent broken');
  });
});
