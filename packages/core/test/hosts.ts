import { expect } from 'vitest';
import type { Body } from '../src/body.ts';
import { decodeUtf8 } from '../src/codec.ts';
import type { EventFrame, RequestFrame } from '../src/frame.ts';
import type { Delivered, ErrorSubtype, Limits, Message } from '../src/index.ts';
import { LIMITS } from '../src/index.ts';
import type {
  Outcome,
  PeerConfig,
  PeerHost,
  PeerOwner,
  RouterConfig,
  RouterHost,
  Settler,
} from '../src/machine/contract.ts';
import type { ServedRequest } from '../src/machine/served.ts';
import { Wheel } from '../src/machine/wheel.ts';
import { decodeMessage, type SwarmFrame } from '../src/swarm-frame.ts';

/** What a refusal is matched against, thrown, rejected or answered. */
export function refusal(subtype: ErrorSubtype, delivered: Delivered) {
  return { type: 'protocol', subtype, delivered };
}

/** For `toThrow`. */
export function thrownRefusal(subtype: ErrorSubtype, delivered: Delivered) {
  return expect.objectContaining(refusal(subtype, delivered));
}

/** The item at `index`, which has to be there. */
export function nth<T>(list: readonly T[], index: number): T {
  const item = list.at(index);
  if (item === undefined) throw new RangeError(`no item ${index} of ${list.length}`);
  return item;
}

/** A settler that remembers how, and how often, it was told. */
export class Settled implements Settler {
  readonly outcomes: Outcome[] = [];

  settle(outcome: Outcome): void {
    this.outcomes.push(outcome);
  }

  /** The value it was settled with, or the subtype of the failure. */
  get summary(): readonly unknown[] {
    return this.outcomes.map((outcome) => {
      return outcome.ok
        ? outcome.body.value
        : `${outcome.error.subtype}/${outcome.error.delivered}`;
    });
  }
}

export function peerConfig(limits: Partial<Limits> = {}): PeerConfig {
  return {
    wheel: new Wheel(() => {}),
    limits: { ...LIMITS, ...limits },
    requestTimeoutMs: 10_000,
  };
}

/** A host of a peer that does nothing but remember. */
export class PeerRecorder implements PeerHost, PeerOwner {
  bufferedBytes = 0;
  readonly transmitted: Message[] = [];
  readonly served: { readonly frame: RequestFrame; readonly request: ServedRequest }[] = [];
  readonly noticed: EventFrame[] = [];
  /** Names of requests and events, in the order their handlers were started. */
  readonly started: string[] = [];
  readonly shuts: { readonly code: number; readonly final: boolean }[] = [];
  openings = 0;
  /** What else is to happen when a message is handed over. */
  onTransmit: (message: Message) => void = () => {};
  onShut: (code: number) => void = () => {};

  /** Messages handed over since the last call, decoded. */
  take(): unknown[] {
    return this.transmitted.splice(0).map(toValue);
  }

  transmit(message: Message): void {
    this.transmitted.push(message);
    this.onTransmit(message);
  }

  serve(frame: RequestFrame | EventFrame, request: ServedRequest | null): void {
    this.started.push(frame.name);
    if (frame.kind === 'event') this.noticed.push(frame);
    else if (request !== null) this.served.push({ frame, request });
  }

  introduced(): void {
    this.openings += 1;
  }

  shut(code: number, _reason: string, final: boolean): void {
    this.shuts.push({ code, final });
    this.onShut(code);
  }
}

export function toValue(message: Message): unknown {
  return JSON.parse(typeof message === 'string' ? message : decodeUtf8(message));
}

export const OWN = 'ownprocessaaaaaa';
export const OTHER = 'otherprocessbbbb';

export function routerConfig(
  limits: Partial<Limits> = {},
  takeover: 'newest' | 'oldest' = 'newest',
): RouterConfig {
  const own = { namespace: 'test', process: OWN, takeover, detectsNoReceiver: true };
  return { ...peerConfig(limits), ...own, limits: { ...LIMITS, ...limits } };
}

export interface Published {
  readonly epoch: number;
  readonly subject: string;
  readonly token: number;
  readonly frame: SwarmFrame;
}

/** A host of a router whose nodes are words, and that does nothing but remember. */
export class RouterRecorder implements RouterHost<string> {
  readonly published: Published[] = [];
  /** How many frames each message had, and its bytes. */
  readonly messages: { readonly frames: number; readonly bytes: number }[] = [];
  readonly served: {
    readonly node: string;
    readonly frame: SwarmFrame;
    readonly request: ServedRequest;
  }[] = [];
  readonly noticed: { readonly node: string; readonly frame: SwarmFrame }[] = [];
  /** Names of requests and events, in the order their handlers were started. */
  readonly started: string[] = [];
  /** Joins, leaves and evictions, in order. */
  readonly membership: string[] = [];
  readonly pongs: number[] = [];
  wakes = 0;
  /** What else is to happen with an evicted node. */
  onEvict: (node: string) => void = () => {};
  /** Ends the turn, so that what it left is published. */
  endTurn: () => void = () => {};

  /** Frames published since the last call, with those of the present turn. */
  take(): Published[] {
    this.endTurn();
    return this.published.splice(0);
  }

  serve(node: string, frame: SwarmFrame, request: ServedRequest): void {
    this.started.push(frame.name);
    this.served.push({ node, frame, request });
  }

  notice(node: string, frame: SwarmFrame): void {
    this.started.push(frame.name);
    this.noticed.push({ node, frame });
  }

  publish(epoch: number, subject: string, payload: Uint8Array, token: number): void {
    const frames = framesIn(payload);
    this.messages.push({ frames: frames.length, bytes: payload.length });
    for (const frame of frames) this.published.push({ epoch, subject, token, frame });
  }

  ponged(number: number): void {
    this.pongs.push(number);
  }

  wake(): void {
    this.wakes += 1;
  }

  joined(id: string, node: string): void {
    this.membership.push(`joined ${id} ${node}`);
  }

  left(id: string, node: string, reason: string): void {
    this.membership.push(`left ${id} ${node} ${reason}`);
  }

  evict(node: string, reason: 'replaced' | 'taken'): void {
    this.membership.push(`evict ${node} ${reason}`);
    this.onEvict(node);
  }
}

export function ok(body: Body): Outcome {
  return { ok: true, body };
}

/** The frames of a message that has nothing else in it. */
export function framesIn(payload: Uint8Array): readonly SwarmFrame[] {
  return decodeMessage(payload).map((frame) => {
    if (frame.kind === 'unknown') throw new Error('a frame that nobody knows');
    return frame;
  });
}

/** What is in a message of one frame; null for bytes that are none, or that nobody knows. */
export function decodeLone(payload: Uint8Array): SwarmFrame | null {
  const [frame] = decodeMessage(payload);
  return frame === undefined || frame.kind === 'unknown' ? null : frame;
}
