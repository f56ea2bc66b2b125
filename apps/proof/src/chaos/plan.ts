import { type Random, shuffled } from '../random.ts';
import {
  ALARMED,
  DROPPED_TO_BROKER,
  DROPPED_TO_CLIENT,
  type Fault,
  FLOODED,
  FROZEN,
  killed,
  PAUSED,
  RESET_ALL,
  RESET_ONE,
  SERVER_KILLED,
  SLOW,
  serverKilled,
} from './fault.ts';

/** How long the broker is down, in turn. */
const DOWN_MS = [0, 1_000, 3_000];

/** What goes wrong in a run, and how often. */
export interface ChaosPlan {
  readonly kills: number;
  /** Of every other fault. */
  readonly times: number;
  readonly hasAlarm: boolean;
  /** Of a broker that has several: then they are killed one by one instead of all together. */
  readonly hasServers: boolean;
}

/** All of it, in an order of chance. */
export function faultsOf(
  { kills, times, hasAlarm, hasServers }: ChaosPlan,
  random: Random,
): readonly Fault[] {
  const killings = Array.from({ length: kills }, (_, index) => {
    return hasServers ? serverKilled(index) : killed(DOWN_MS[index % DOWN_MS.length] as number);
  });
  const others = [
    ...(hasServers ? [killed(0)] : []),
    PAUSED,
    RESET_ALL,
    RESET_ONE,
    DROPPED_TO_BROKER,
    DROPPED_TO_CLIENT,
    SLOW,
  ];
  const all = [...others, FROZEN, FLOODED, ...(hasAlarm ? [ALARMED] : [])];
  return shuffled(random, [...killings, ...all.flatMap((fault) => Array(times).fill(fault))]);
}

/** The names of faults in the order of the table. */
export const FAULT_NAMES: readonly string[] = [
  SERVER_KILLED,
  ...DOWN_MS.map((downMs) => killed(downMs).name),
  ...[PAUSED, RESET_ALL, RESET_ONE, DROPPED_TO_BROKER, DROPPED_TO_CLIENT].map(({ name }) => name),
  ...[SLOW, FROZEN, FLOODED, ALARMED].map(({ name }) => name),
];
