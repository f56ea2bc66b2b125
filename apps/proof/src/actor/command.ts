import type { ContextKind } from '@swarm/core';
import type { Side } from '../trace.ts';

/** How an actor joins a swarm. */
export interface ActorOptions {
  readonly name: string;
  readonly url: string;
  /** Where to find servers of the broker, by the addresses that they tell of each other. */
  readonly natMap: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly namespace: string;
  readonly takeover: 'newest' | 'oldest';
  /** Whether middleware doubles what clients answer to `doubled`. */
  readonly isDoubling: boolean;
}

/** A request, or an event, to make. */
export interface Ask {
  readonly label: string;
  readonly side: Side;
  /** The client that asks, or whose node does; null for the server. */
  readonly client: string | null;
  readonly kind: ContextKind;
  /** Id of the node to ask; null for the client's own, and a node's own client. */
  readonly to: string | null;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly isEvent?: boolean;
  readonly timeoutMs?: number;
}

/** Requests to make without end, a plan that its seed decides. */
export interface TrafficPlan {
  readonly seed: number;
  readonly requestsPerSecond: number;
  /** Ids of the nodes to ask, themselves or for their clients. */
  readonly targets: readonly string[];
  readonly timeoutMs: number;
  /** Longest time a handler takes, in ms. */
  readonly lingerMsMax: number;
}

/** What an actor can be told to do. */
export type Command =
  /** Answers the id of the node, or null when it could not be made. */
  | { readonly do: 'connect'; readonly client: string; readonly id: string | null }
  /** The same for an id whose owner will not yield it. */
  | { readonly do: 'connectInVain'; readonly client: string; readonly id: string }
  | { readonly do: 'disconnect'; readonly client: string }
  /** All in one turn. */
  | { readonly do: 'ask'; readonly asks: readonly Ask[] }
  | { readonly do: 'cancel'; readonly label: string }
  /** Let a handler that holds a request answer it. */
  | { readonly do: 'release'; readonly label: string }
  /** Ask without a trace until that ends so. */
  | {
      readonly do: 'reach';
      readonly from: Pick<Ask, 'side' | 'client'>;
      readonly to: string;
      readonly until: 'ok' | 'unreachable/no';
    }
  /** Whether a client takes what its socket brings. */
  | { readonly do: 'read'; readonly client: string; readonly isReading: boolean }
  /** Tell a node so many texts without a trace. Answers whether all of them have left. */
  | {
      readonly do: 'flood';
      readonly from: Pick<Ask, 'side' | 'client'>;
      readonly to: string;
      readonly count: number;
      readonly chars: number;
    }
  | { readonly do: 'traffic'; readonly plan: TrafficPlan }
  /** End the traffic. Answers when nothing is open any more. */
  | { readonly do: 'halt' }
  /** Answers how many messages have left for the broker. */
  | { readonly do: 'count' }
  | { readonly do: 'close' };
