import type { Body } from '../body.ts';
import type { EndLimits } from '../end-limits.ts';
import type { SwarmError } from '../errors.ts';
import type { EventFrame, InitInfo, Message, Meta, RequestFrame } from '../frame.ts';
import type { Limits } from '../limits.ts';
import type { SwarmFrame, Via } from '../swarm-frame.ts';
import type { ServedRequest } from './served.ts';
import type { Wheel } from './wheel.ts';

/** How a request ended. */
export type Outcome =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly error: SwarmError };

/** Whoever waits for a request. Told exactly once. */
export interface Settler {
  settle(outcome: Outcome): void;
}

/** A request a driver wants sent. */
export interface Call {
  readonly name: string;
  readonly body: Body;
  readonly meta: Meta | undefined;
  readonly deadlineMs: number;
  readonly settler: Settler;
}

/** An event a driver wants sent. */
export type Notice = Pick<Call, 'name' | 'body' | 'meta'>;

/** Where a call between nodes goes, and for whom. */
export interface Route {
  readonly to: string;
  readonly via: Via;
  /** The asking node; null when the server itself asks. */
  readonly from: string | null;
}

/** What all machines of a driver share. */
export interface PeerConfig {
  readonly wheel: Wheel;
  readonly limits: EndLimits;
  /** Time to answer a request that brings no time of its own. */
  readonly requestTimeoutMs: number;
}

export interface RouterConfig extends PeerConfig {
  readonly limits: Limits;
  readonly namespace: string;
  /** This process's id. */
  readonly process: string;
  /** Who keeps an id that is claimed twice. */
  readonly takeover: 'newest' | 'oldest';
  /** Whether the swarm tells of messages that nobody heard. */
  readonly detectsNoReceiver: boolean;
}

/** Whoever answers what a peer receives. */
export interface PeerOwner {
  /** Run the handlers of a request, and answer it; or those of an event, with null. */
  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void;
}

/** What a peer asks of the driver of its socket, in the order it must be done. */
export interface PeerHost {
  /** Bytes handed to the socket that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** Hand a message to the socket. */
  transmit(message: Message): void;
  /** The other end said who it is. For the end that waits for this, the conversation is open. */
  introduced(info: InitInfo): void;
  /** Close the socket with this code of RFC 6455 §7.4. `final` ends the conversation for good. */
  shut(code: number, reason: string, final: boolean): void;
}

/** How a frame came in: from this process, by its inbox, or by the name of a node. */
export type By = 'here' | 'inbox' | 'name';

/** What a router asks of its driver. `N` is the driver's node; the router only keeps it. */
export interface RouterHost<N> {
  /** Run the node's handlers of a request, and answer it. */
  serve(node: N, frame: SwarmFrame, request: ServedRequest): void;
  /** Run the node's handlers of an event. */
  notice(node: N, frame: SwarmFrame): void;
  /** Send over the link of that epoch. */
  publish(epoch: number, subject: string, payload: Uint8Array, token: number): void;
  /** Call `flush` when this turn's input is in. */
  wake(): void;
  /** A ping of this process has made its way through the swarm and back. */
  ponged(number: number): void;
  joined(id: string, node: N): void;
  left(id: string, node: N, reason: string): void;
  /** Another owner has the node's id now, or had it first. */
  evict(node: N, reason: 'replaced' | 'taken'): void;
}
