import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isProved, printReport } from './report.ts';
import { runConformance } from './report-run.ts';

const USAGE = 'usage: conformance --adapter <name> [--json <file>]';

/** The reference adapter lives in the core. */
const MEMORY_FILE = 'packages/core/test/memory-conformance.test.ts';

/** Prove an adapter of the workspace in `root`; resolves with the exit code. */
export async function main(
  args: readonly string[],
  root: string,
  print: (text: string) => void,
): Promise<number> {
  const options = { adapter: { type: 'string' }, json: { type: 'string' } } as const;
  const { adapter, json } = parseArgs({ args: [...args], options }).values;
  const files = conformanceFiles(root);
  const file = files.get(adapter ?? '');
  if (adapter === undefined || file === undefined) {
    print(`${USAGE}\nadapters: ${[...files.keys()].join(' ')}`);
    return 2;
  }
  const report = await runConformance(adapter, file, root);
  print(printReport(report));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  return isProved(report) ? 0 : 1;
}

/** By adapter: whatever folder of `packages` has the file. */
function conformanceFiles(root: string): ReadonlyMap<string, string> {
  const folders = readdirSync(join(root, 'packages')).map((name) => {
    return [name, `packages/${name}/test/conformance.test.ts`] as const;
  });
  const all = [['memory', MEMORY_FILE] as const, ...folders];
  return new Map(all.filter(([, file]) => existsSync(join(root, file))));
}
