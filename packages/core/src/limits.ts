import { END_LIMITS, type EndLimits } from './end-limits.ts';

/**
 * Every bound of the system, in one table. Whatever reaches one of them is refused with
 * `overloaded` or `too_large`, or its socket is closed; nothing grows without a name here. Those
 * a client needs are in {@link EndLimits}, so that a page loads no others.
 */
export interface Limits extends EndLimits {
  /** Requests open at once between this process and all others (and among its own nodes). */
  readonly routedRequestsMax: number;
  /** Messages one turn may hold back for its end: between nodes, or in a memory swarm. */
  readonly turnMessagesMax: number;
  /** Deliveries made before timers and sockets get their turn. */
  readonly deliveriesPerTurnMax: number;
  /** Sockets whose node is still being made. */
  readonly openingNodesMax: number;
  /** Connections that have not said who they are; and again, those that are being decided about. */
  readonly pendingConnectionsMax: number;
  /** Greatest first frame of a client by TCP, in bytes; as much as a WebSocket's headers have. */
  readonly helloBytesMax: number;
  /** Greatest message in the swarm, in bytes: the same on every adapter. */
  readonly swarmFrameBytesMax: number;
  /** Greatest batch of frames that one message in the swarm carries, in bytes. */
  readonly batchBytesMax: number;
  /** Greatest frame that is put into a batch, in bytes; others travel alone. */
  readonly batchedFrameBytesMax: number;
  /** Chosen ids whose process is remembered from its answers. */
  readonly learnedRoutesMax: number;
  /** Inboxes that only events went to, and where it will be noticed that nobody hears them. */
  readonly watchedInboxesMax: number;
  /** Other processes whose requests are recognised when they are delivered again. */
  readonly seenProcessesMax: number;
  /** Ids that are announced, or withdrawn, by one call of an adapter. */
  readonly announcedPerCallMax: number;
}

/** What ships. `createServer` takes a `Partial` of it. */
export const LIMITS: Limits = {
  ...END_LIMITS,
  routedRequestsMax: 65_536,
  turnMessagesMax: 65_536,
  deliveriesPerTurnMax: 256,
  openingNodesMax: 16_384,
  pendingConnectionsMax: 1_024,
  helloBytesMax: 8_192,
  swarmFrameBytesMax: 524_288,
  batchBytesMax: 49_152,
  batchedFrameBytesMax: 4_096,
  learnedRoutesMax: 65_536,
  watchedInboxesMax: 1_024,
  seenProcessesMax: 1_024,
  announcedPerCallMax: 1_000,
};
