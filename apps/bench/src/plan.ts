import type { BrokerKind } from '@swarm/conformance/brokers';
import type { RoleName } from './roles.ts';
import type { Bound } from './verdict.ts';

/** What is measured of a case, in each round and at each number of requests in flight. */
export const METRICS = {
  rps: 'requests/s',
  p50: 'p50 (us)',
  p99: 'p99 (us)',
  cpu: 'CPU (us/request)',
  brokerCpu: 'broker CPU (us/request)',
  wire: 'bytes/request',
} as const;
export type Metric = keyof typeof METRICS;

/** One thing to measure. */
export interface Case {
  readonly name: string;
  readonly role: RoleName;
  readonly variant?: string;
  /** Needs what is installed outside the workspace. */
  readonly isPeer?: boolean;
  /** A broker that it needs besides those of the group, and whose time is counted for it. */
  readonly broker?: BrokerKind;
  /** It leaves so much behind on its broker that it must have one of its own. */
  readonly isMessy?: boolean;
  /** So many processes that all ask one another, in place of one end and the other. */
  readonly crowd?: number;
  /** It is too slow to be asked more at once. */
  readonly inFlightMax?: number;
  /** Folder of the workspace whose packages it runs on; default this one. */
  readonly root?: string;
}

/** Two cases, round by round: `a` divided by `b`. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly metric: Metric;
  readonly inFlight: number;
}

/** What should be so. Without `b` it is about `a` alone. */
export interface GoalSpec {
  readonly id: string;
  readonly text: string;
  readonly a: string;
  readonly b?: string;
  readonly metric: Metric;
  readonly inFlight: number;
  readonly bound: Bound;
}

/** How long and how often. */
export interface Effort {
  readonly inFlight: number;
  readonly ms: number;
  readonly requestsMax: number;
}

/** Cases that are measured in the same rounds. */
export interface Group {
  readonly name: string;
  readonly title: string;
  /** Their own, started anew; their time is counted. Without one of them there is no group. */
  readonly brokers: readonly BrokerKind[];
  readonly cases: readonly Case[];
  readonly efforts: readonly Effort[];
  readonly warmUp: Effort;
  readonly payloadBytes: number;
  /** The first of them is the A/A pair: the same twice, whose interval is the noise of the run. */
  readonly comparisons: readonly Comparison[];
  readonly goals: readonly GoalSpec[];
}

/** What goes between our own end and its equal, or a broker and another process. */
export const REQUESTS: Pick<Group, 'efforts' | 'warmUp' | 'payloadBytes'> = {
  efforts: [
    { inFlight: 64, ms: 1_000, requestsMax: 1_000_000 },
    { inFlight: 1, ms: 500, requestsMax: 1_000_000 },
  ],
  // By number: what is slow would be less compiled after the same time, and slower for that.
  warmUp: { inFlight: 64, ms: 10_000, requestsMax: 50_000 },
  payloadBytes: 100,
};

/** Name of a case that is there twice. */
export function again(name: string): string {
  return `${name} (again)`;
}
