import { readFile, writeFile } from 'node:fs/promises';
import { againstThen } from './against.ts';
import { environment } from './environment.ts';
import { GROUPS } from './groups.ts';
import { htmlOf } from './html.ts';
import { compare, judgeGoals } from './judge.ts';
import { markdownOf } from './markdown.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { hasAdapter, ROOT } from './packages.ts';
import { installPeers } from './peers.ts';
import type { Case, Group } from './plan.ts';
import { textOf } from './print.ts';
import type { Report } from './report.ts';
import { missingBrokers, runGroup } from './rounds.ts';
import { checkOut, type Worktree } from './worktree.ts';

const ROUNDS = 15;
const QUICK_ROUNDS = 5;
const QUICK_SHARE = 0.4;

const options = readOptions(process.argv.slice(2));
if (options === null) console.log(HELP);
else process.exitCode = await main(options);

/** 1 when a goal is missed or a case has failed. */
async function main(wanted: Options): Promise<number> {
  const { from, json, html, markdown } = wanted;
  const reports = from === null ? await measure(wanted) : await readReports(from);
  if (from !== null) for (const report of reports) console.log(`\n${textOf(report)}`);
  if (json !== null) await writeFile(json, `${JSON.stringify(reports, null, 1)}\n`);
  if (html !== null) await writeFile(html, htmlOf(reports));
  if (markdown !== null) await writeFile(markdown, markdownOf(reports));
  const isBad = ({ goals, failures }: Report) =>
    failures.length > 0 || goals.some(({ verdict }) => verdict === 'missed');
  return reports.some(isBad) ? 1 : 0;
}

async function readReports(path: string): Promise<readonly Report[]> {
  return JSON.parse(await readFile(path, 'utf8')) as Report[];
}

async function measure(wanted: Options): Promise<readonly Report[]> {
  const { against, isQuick } = wanted;
  const then = against === null ? null : await checkOut(against, log);
  if (then === null && !isQuick) await installPeers(log);
  const env = environment();
  const reports: Report[] = [];
  const rounds = wanted.rounds ?? (isQuick ? QUICK_ROUNDS : ROUNDS);
  const conduct = { rounds, share: isQuick ? QUICK_SHARE : 1, profileFolder: wanted.profile, log };
  try {
    for (const group of plan(wanted, then)) {
      const startMs = performance.now();
      const { cells, failures } = await runGroup(group, conduct);
      log(`${group.title}: took ${Math.round((performance.now() - startMs) / 1_000)} s`);
      const judged = { ratios: compare(group, cells), goals: judgeGoals(group, cells) };
      const { name, title } = group;
      const report = { env, group: name, title, rounds, cells, ...judged, failures };
      console.log(`\n${textOf(report)}`);
      reports.push(report);
    }
  } finally {
    await then?.remove();
  }
  return reports;
}

/** What of the groups is wanted, and can be run here. */
function plan(
  { groups, isQuick, only, inFlight }: Options,
  then: Worktree | null,
): readonly Group[] {
  const isWanted = ({ name, isPeer }: Case) => {
    return (isPeer !== true || !isQuick) && (only === null || name.includes(only));
  };
  return GROUPS.filter(({ name }) => groups.includes(name))
    .map((group) => (then === null ? group : againstThen(group, then)))
    .filter(({ title, brokers }) => isRunnable(title, then?.root, brokers))
    .map((group) => ({
      ...group,
      cases: group.cases.filter(isWanted).filter(({ name, broker, root }) => {
        const needed = broker === undefined ? [] : [broker];
        return isRunnable(`${group.title}: ${name}`, root, needed);
      }),
      efforts: group.efforts.filter((effort) => (inFlight ?? effort.inFlight) === effort.inFlight),
    }))
    .filter(({ cases }) => cases.length > 0);
}

/** With the brokers of this machine and the adapters of that version. */
function isRunnable(what: string, root = ROOT, needed: Group['brokers'] = []): boolean {
  const adapters = needed.filter((kind) => !hasAdapter(root, kind));
  const missing = [
    ...missingBrokers(needed),
    ...adapters.map((kind) => `an adapter for ${kind} in ${root}`),
  ];
  if (missing.length > 0) log(`skipped: ${what}, for want of ${missing.join(' and ')}`);
  return missing.length === 0;
}

function log(text: string): void {
  console.error(text);
}
