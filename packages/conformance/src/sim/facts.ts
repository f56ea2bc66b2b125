import type { Node } from '@swarm/core';
import type { End } from './end.ts';
import type { Op } from './plan.ts';

/** Who runs handlers: a node, as long as its socket, or a client, as long as its program. */
export class Party {
  readonly number: number;
  readonly kind: 'node' | 'client';
  readonly end: End;
  /** Number of the client, which is the same for it and all its nodes. */
  readonly client: number;
  /** Id of the node; of a client, those its nodes have had. */
  readonly ids: Set<string> = new Set();
  /** Of a node, once it is made. */
  node: Node | null = null;
  /** Of a client: it is closed, was sent away, or its program has ended. */
  hasEnded = false;

  constructor(number: number, kind: Party['kind'], end: End, client: number) {
    this.number = number;
    this.kind = kind;
    this.end = end;
    this.client = client;
  }

  /** Whether it is over, as its own side knows. */
  get isOver(): boolean {
    if (this.kind === 'client') return this.hasEnded;
    return this.end.isDead || this.node?.isOpen === false;
  }
}

/** The handlers of one call, started once. */
export interface Run {
  readonly party: Party;
  /** Whether these are the handlers of the end that answers, or those before them. */
  readonly isAnswer: boolean;
  readonly startedMs: number;
  /** When they were told that nobody waits any more. */
  abortedMs: number | null;
  endedMs: number | null;
}

/** How a request ended, in the words of its error if there was one. */
export interface Outcome {
  readonly isOk: boolean;
  readonly value: unknown;
  readonly subtype: string | null;
  readonly delivered: string | null;
  readonly message: string;
}

/** One request or event of a schedule, and all that became of it. */
export interface Call {
  readonly number: number;
  readonly op: Op;
  readonly end: End;
  /** By the asking end's own clock, and by the world's. */
  readonly sentMs: number;
  readonly worldMs: number;
  /** How long the asking end had stood still before, in ms. */
  readonly idleMs: number;
  /** Number of the client that asks, is asked, or whose node does or is; -1 for others. */
  readonly client: number;
  /** Who sends, for the order of what it sends: the number of a party, or below 0 a server. */
  readonly sender: number;
  /** The node that is asked, where it is another one. */
  readonly target: string | null;
  readonly runs: Run[];
  /** The ways its frames have left by; more than one when it was sent again. */
  readonly routes: string[];
  /** The links it has arrived by, of a call between nodes. */
  readonly hearers: Set<number>;
  /** Whether its request came more than once although it was sent once. */
  isRepeated: boolean;
  cancelledMs: number | null;
  settledMs: number | null;
  outcome: Outcome | null;
}

export function outcomeOf(error: unknown): Outcome {
  const { subtype, delivered, message } = error as Partial<Record<string, unknown>>;
  return {
    isOk: false,
    value: null,
    subtype: typeof subtype === 'string' ? subtype : null,
    delivered: typeof delivered === 'string' ? delivered : null,
    message: String(message),
  };
}
