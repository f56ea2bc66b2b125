import type { ContextKind } from '@swarm/core';

/** Which end of an actor asks: its server as such, a node, or that node's client. */
export type Side = 'server' | 'node' | 'client';

/** How a request ended. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly type: string;
      readonly subtype: string | null;
      readonly delivered: string;
      readonly code: string | null;
      /** What the answering end said; null for a protocol error, whose text promises nothing. */
      readonly message: string | null;
      readonly data: unknown;
    };

/** A request or event as it was made. */
export interface Asking {
  /** Names the exchange, wherever it is seen. */
  readonly label: string;
  readonly side: Side;
  /** Id of the asking node, or of the node of the asking client; null for a server. */
  readonly from: string | null;
  readonly kind: ContextKind;
  /** Id of the node that is asked, itself or for its client. */
  readonly to: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What an actor can tell of. */
export type Happening =
  | ({ readonly what: 'asked' } & Asking)
  /** An event was sent; `left` is what the sender was told: whether it left, or why it never can. */
  | ({ readonly what: 'told'; readonly left: boolean | string } & Asking)
  /** A handler began to run: a node's, one that stands before a client, or a client's. */
  | {
      readonly what: 'ran';
      readonly label: string;
      readonly side: 'node' | 'client';
      readonly kind: ContextKind;
      readonly node: string;
      readonly sender: string | null;
      readonly name: string;
      readonly args: readonly unknown[];
    }
  /** A handler that still ran learned that nobody waits for it any more. */
  | {
      readonly what: 'aborted';
      readonly label: string;
      readonly side: 'node' | 'client';
      readonly node: string;
      readonly subtype: string | null;
    }
  | {
      readonly what: 'outcome';
      readonly label: string;
      readonly outcome: Outcome;
    }
  /** A node of this actor can be reached, or no longer. */
  | { readonly what: 'joined'; readonly node: string }
  | { readonly what: 'left'; readonly node: string; readonly reason: string }
  /** A node could not be made. */
  | { readonly what: 'unmade'; readonly client: string; readonly subtype: string | null }
  /** The conversation of a client is open, or its socket is closed. */
  | { readonly what: 'opened'; readonly client: string; readonly node: string | null }
  | {
      readonly what: 'closed';
      readonly client: string;
      readonly node: string | null;
      readonly code: number;
      readonly reason: string;
    }
  | { readonly what: 'linked' }
  | { readonly what: 'unlinked' };

/** A happening, whose it is, and when: in ms of the one clock of this machine. */
export type Entry = { readonly actor: string; readonly atMs: number } & Happening;

/** Entries of one kind. */
export type EntryOf<What extends Happening['what']> = Extract<Entry, { readonly what: What }>;

/**
 * The monotonic clock, which on Linux and macOS all processes of a machine share: of two
 * happenings, one of which led to the other, the earlier one has the lesser time.
 */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
