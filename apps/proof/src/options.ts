import { parseArgs } from 'node:util';
import { SWARMS, type SwarmName } from './brokers.ts';

export const USAGE = `usage: scenario [--broker <name>]…
       chaos    [--broker <name>]… [--seed 1] [--kills 20] [--times 3]
       tables

Names are ${SWARMS.join(', ')}; without any, it is all of them.
scenario compares each swarm with memory, with two and three processes. chaos kills its broker, or
one server of it, so often, and lets every other fault happen so many times. What they find is
written to apps/proof/results and to the tables of the documents, unless chaos is to be shorter than
usual; tables writes only those.`;

export interface Options {
  readonly what: string;
  readonly swarms: readonly SwarmName[];
  readonly seed: number;
  readonly kills: number;
  readonly times: number;
  /** Whether chaos is as long as the one that is reported. */
  readonly isWhole: boolean;
}

const USUAL = { kills: 20, times: 3 };

/** @throws TypeError for what is no option, or has no such value. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      broker: { type: 'string', multiple: true, default: [...SWARMS] },
      seed: { type: 'string', default: '1' },
      kills: { type: 'string', default: `${USUAL.kills}` },
      times: { type: 'string', default: `${USUAL.times}` },
    },
  });
  const unknown = values.broker.find((name) => !SWARMS.some((swarm) => swarm === name));
  if (unknown !== undefined) throw new TypeError(`no such swarm: ${unknown}`);
  const [kills, times] = [countOf(values.kills), countOf(values.times)];
  return {
    what: positionals.join(' '),
    swarms: SWARMS.filter((name) => values.broker.includes(name)),
    seed: countOf(values.seed),
    kills,
    times,
    isWhole: kills >= USUAL.kills && times >= USUAL.times,
  };
}

function countOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new TypeError(`not a count: ${text}`);
  return Number(text);
}
