import {
  type Broker,
  type BrokerKind,
  requireBroker,
  startBroker,
} from '@swarm/conformance/brokers';
import { Contender } from './contender.ts';
import type { Case, Effort, Group } from './plan.ts';
import type { Cell, Failure } from './report.ts';

/** How a group is run. */
export interface Conduct {
  readonly rounds: number;
  /** All times are this much of what the group says. */
  readonly share: number;
  /** Where the processes leave CPU profiles, if they should. */
  readonly profileFolder: string | null;
  /** Told what happens meanwhile. */
  readonly log: (text: string) => void;
}

/** What came of the rounds. */
export interface Outcome {
  readonly cells: readonly Cell[];
  readonly failures: readonly Failure[];
}

/** Brokers that a group needs and this machine has not. */
export function missingBrokers(kinds: readonly BrokerKind[]): readonly BrokerKind[] {
  return kinds.filter((kind) => !requireBroker(kind));
}

/**
 * Every case has its processes from the first round to the last, and every round has a turn of
 * every case, in an order of its own: whatever befalls the machine befalls them all.
 */
export async function runGroup(group: Group, conduct: Conduct): Promise<Outcome> {
  const brokers = new Map<string, Broker>();
  const contenders: Contender[] = [];
  try {
    for (const [index, one] of group.cases.entries()) {
      const own = await brokersOf(one, group, brokers);
      contenders.push(newContender(one, group, { scope: `bench-${index}`, brokers: own }, conduct));
    }
    for (const contender of contenders) await contender.start();
    for (const contender of contenders) await contender.warmUp(group.warmUp);
    for (let round = 0; round < conduct.rounds; round += 1) {
      conduct.log(`${group.title}: round ${round + 1} of ${conduct.rounds}`);
      for (const contender of inOrder(contenders, round)) {
        for (const effort of group.efforts) await contender.turn(scaled(effort, conduct));
      }
    }
  } finally {
    for (const contender of contenders) await contender.stop();
    for (const broker of brokers.values()) await broker.stop();
  }
  return {
    cells: contenders.flatMap(({ cells }) => cells),
    failures: contenders.flatMap(({ failures }) => failures),
  };
}

/** Another one begins each round, and every other round goes backwards. */
export function inOrder<T>(items: readonly T[], round: number): readonly T[] {
  const start = round % Math.max(1, items.length);
  const rotated = [...items.slice(start), ...items.slice(0, start)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}

/** Started for the first case that needs them, and there for those after it. */
async function brokersOf(
  { name, broker, isMessy }: Case,
  { brokers: common }: Group,
  running: Map<string, Broker>,
): Promise<readonly Broker[]> {
  const own: Broker[] = [];
  for (const kind of broker === undefined ? common : [...common, broker]) {
    const key = isMessy === true ? `${kind} of ${name}` : kind;
    const started = running.get(key) ?? (await startBroker(kind));
    running.set(key, started);
    own.push(started);
  }
  return own;
}

function newContender(
  one: Case,
  { payloadBytes }: Group,
  { scope, brokers }: { readonly scope: string; readonly brokers: readonly Broker[] },
  { profileFolder, log }: Conduct,
): Contender {
  const urls = Object.fromEntries(brokers.map(({ kind, url }) => [kind, url]));
  const brokerPids = brokers.map(({ pid }) => pid);
  return new Contender(one, { urls, brokerPids, scope, payloadBytes, profileFolder, log });
}

function scaled({ inFlight, ms, requestsMax }: Effort, { share }: Conduct): Effort {
  return { inFlight, ms: ms * share, requestsMax };
}
