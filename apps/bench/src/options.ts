import { parseArgs } from 'node:util';
import { GROUPS } from './groups.ts';

export interface Options {
  readonly groups: readonly string[];
  readonly isQuick: boolean;
  readonly rounds: number | null;
  /** Cases whose name has this in it; null for all. */
  readonly only: string | null;
  readonly json: string | null;
  readonly html: string | null;
  readonly markdown: string | null;
  /** The one number of requests in flight that is measured; null for all. */
  readonly inFlight: number | null;
  /** A git ref to compare with, or a folder with another version that is built already. */
  readonly against: string | null;
  /** Reports of an earlier run, instead of a run. */
  readonly from: string | null;
  readonly profile: string | null;
}

const NAMES = [...new Set(GROUPS.map(({ name }) => name))];

export const HELP = `pnpm bench [options]

  --group <name>     ${NAMES.join(', ')}; may be repeated, default all
  --quick            5 short rounds, and only what the workspace has itself
  --rounds <n>       default 15
  --only <text>      cases with this in their name
  --in-flight <n>    that many only
  --json <file>      what was measured, one report for each group
  --html <file>      a page with charts of it
  --markdown <file>  tables of it
  --against <ref>    compare with another version of this repository, a commit or a folder
  --from <file>      do not run, but read what --json wrote
  --profile <folder> leave CPU profiles of all processes there
  --help
`;

/** @throws TypeError for what is no option. */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      group: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      'in-flight': { type: 'string' },
      json: { type: 'string' },
      html: { type: 'string' },
      markdown: { type: 'string' },
      against: { type: 'string' },
      from: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const groups = values.group ?? NAMES;
  const unknown = groups.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new TypeError(`no group ${unknown} among ${NAMES.join(' ')}`);
  const rounds = count('rounds', values.rounds);
  const inFlight = count('in-flight', values['in-flight']);
  const { quick: isQuick, only = null, json = null, html = null, markdown = null } = values;
  const { against = null, from = null, profile = null } = values;
  const outputs = { json, html, markdown };
  return { groups, isQuick, rounds, only, inFlight, ...outputs, against, from, profile };
}

function count(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new TypeError(`--${name} is a number from 1: ${text}`);
}
