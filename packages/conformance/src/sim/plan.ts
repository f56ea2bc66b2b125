import type { Limits } from '@swarm/core';
import type { Verdicts } from './broker.ts';
import type { Fault } from './faults.ts';
import type { Latency } from './lane.ts';

/** Who asks whom: a client its node, a node its client, a node another one, or that one's client. */
export type Way = 'up' | 'down' | 'side' | 'through';

/** What the handlers of a call do. */
export type Deed = 'now' | 'later' | 'throw' | 'hang' | 'unhandled';

/** What the handlers between a node and its client do. */
export type Interception = 'pass' | 'rewrite' | 'answer' | 'slow' | 'throw';

/** One request or event. */
export interface Op {
  readonly atMs: number;
  readonly way: Way;
  /** Index of the client, or of its node, that asks; below 0 it is a server: -1 the first. */
  readonly from: number;
  /** Index of the client whose node is asked; below 0 it is nobody's. */
  readonly to: number;
  readonly isEvent: boolean;
  readonly timeoutMs: number;
  /** When its asker gives up; null for never. */
  readonly cancelAfterMs: number | null;
  readonly deed: Deed;
  readonly deedMs: number;
  readonly interception: Interception;
  readonly padBytes: number;
}

export interface Setup {
  readonly processes: number;
  readonly slots: number;
  /** How many of the clients, from the first on, have ids that were chosen. */
  readonly chosen: number;
  readonly takeover: 'newest' | 'oldest';
  /** How many servers the broker has. */
  readonly servers: number;
  /** Between two of those. */
  readonly routeLatency: Latency;
  readonly verdicts: Verdicts;
  readonly hasControlLane: boolean;
  readonly swarmLatency: Latency;
  readonly socketLatency: Latency;
  readonly isCoarse: boolean;
  readonly intercepts: boolean;
  /** Whether handlers have others before them, and middleware around them. */
  readonly isLayered: boolean;
  readonly queueWhileDown: boolean;
  readonly pingIntervalMs: number;
  /** Whether clients that come back may come to another process. */
  readonly roams: boolean;
  readonly limits: Partial<Limits>;
}

/** A schedule, before it happens: all of it follows from the seed. */
export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  readonly ops: readonly Op[];
  readonly faults: readonly Fault[];
}

/** Within this time, in ms, everything is asked, and everything goes wrong. */
export const ACTIVE_MS = 1_200;
