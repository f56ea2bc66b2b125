import { encodeBatch, LENGTH_BYTES_MAX } from '../batch.ts';
import type { Limits } from '../limits.ts';
import { encodeSwarmFrame, type SwarmFrame } from '../swarm-frame.ts';
import type { OpenRequest } from './asked.ts';
import { IdTable } from './id-table.ts';

/** Where a frame goes. `process` is null while it is known by the node's own subject only. */
export interface Way {
  readonly subject: string;
  readonly process: string | null;
}

/** What an outbox asks of its router. */
export interface OutboxHost {
  /** Whether a request is still to be sent; from now on it may have left. */
  departs(request: OpenRequest): boolean;
  publish(subject: string, payload: Uint8Array, token: number): void;
}

interface Entry {
  readonly frame: SwarmFrame;
  /** Encoded as one that follows the entry before it. */
  readonly bytes: Uint8Array;
  readonly request: OpenRequest | null;
}

interface Batch {
  readonly way: Way;
  entries: Entry[];
  bytes: number;
  /** Whether it matters that nobody hears it, although nobody waits for an answer. */
  isWatched: boolean;
}

/** A message that has left, for as long as the verdict that nobody heard it can matter. */
export interface Parcel {
  /** Its token. */
  readonly id: number;
  readonly way: Way;
  readonly requests: readonly OpenRequest[];
  /** How many of the requests are not settled. */
  open: number;
}

/**
 * What leaves by the link at the end of this turn: one message for each subject, bounded in
 * bytes. A large frame does not wait, a lone one travels bare.
 */
export class Outbox {
  readonly #host: OutboxHost;
  readonly #limits: Limits;
  readonly #batchBytesMax: number;
  // A map for each turn: filling and emptying one for ever takes much longer.
  #batches: Map<string, Batch> = new Map();
  #leaving: Map<string, Batch> = new Map();
  /** By token. Those with requests end with them; of others, the last one for each subject stays. */
  readonly #parcels: IdTable<Parcel> = new IdTable();
  readonly #watched: Map<string, number> = new Map();
  #frames = 0;
  #lastToken = 0;

  constructor(host: OutboxHost, limits: Limits) {
    this.#host = host;
    this.#limits = limits;
    this.#batchBytesMax = Math.min(limits.batchBytesMax, limits.swarmFrameBytesMax);
  }

  /** Frames that wait for the end of the turn. */
  get size(): number {
    return this.#frames;
  }

  /** Messages whose verdict is still of interest. */
  get parcels(): number {
    return this.#parcels.size;
  }

  put(way: Way, frame: SwarmFrame, request: OpenRequest | null, isWatched = false): void {
    const batch = this.#batches.get(way.subject);
    const bytes = encodeSwarmFrame(frame, batch?.entries.at(-1)?.frame);
    const room = bytes.length + LENGTH_BYTES_MAX;
    const isLarge = bytes.length > this.#limits.batchedFrameBytesMax;
    if (batch === undefined) {
      const first = { way, entries: [{ frame, bytes, request }], bytes: 1 + room, isWatched };
      if (isLarge) return this.#send(first);
      this.#batches.set(way.subject, first);
    } else if (isLarge || batch.bytes + room > this.#batchBytesMax) {
      // Behind nothing, it is encoded in another way.
      this.#close(batch);
      return this.put(way, frame, request, isWatched);
    } else {
      batch.entries.push({ frame, bytes, request });
      batch.bytes += room;
      batch.isWatched ||= isWatched;
    }
    this.#frames += 1;
  }

  /** Send what waits; returns how many frames that were. */
  flush(): number {
    const frames = this.#frames;
    if (frames === 0) return 0;
    this.#leaving = this.#batches;
    this.#batches = new Map();
    this.#frames = 0;
    // Sending one may end the link, which takes away the others.
    for (const batch of this.#leaving.values()) this.#send(batch);
    this.#leaving.clear();
    return frames;
  }

  /** The message with this token; undefined when its verdict is of no interest any more. */
  parcel(token: number): Parcel | undefined {
    return this.#parcels.get(token);
  }

  /** A request of the message with this token needs no verdict any more. */
  settled(token: number): void {
    const parcel = this.#parcels.get(token);
    if (parcel === undefined) return;
    parcel.open -= 1;
    if (parcel.open === 0) this.#parcels.delete(token);
  }

  /** The link is over, and what waits for it never left. */
  clear(): void {
    this.#batches.clear();
    this.#leaving.clear();
    this.#parcels.clear();
    this.#watched.clear();
    this.#frames = 0;
  }

  #close(batch: Batch): void {
    this.#batches.delete(batch.way.subject);
    this.#frames -= batch.entries.length;
    this.#send(batch);
  }

  #send({ way, entries, isWatched }: Batch): void {
    const frames: Uint8Array[] = [];
    const requests: OpenRequest[] = [];
    let before: Entry | null = null;
    for (let at = 0; at < entries.length; at += 1) {
      const entry = entries[at] as Entry;
      const { frame, bytes, request } = entry;
      if (request !== null) {
        if (!this.#host.departs(request)) continue;
        requests.push(request);
      }
      // One that follows another than it was to follow shares other texts.
      const isInPlace = before === (entries[at - 1] ?? null);
      frames.push(isInPlace ? bytes : encodeSwarmFrame(frame, before?.frame));
      before = entry;
    }
    const [first] = frames;
    if (first === undefined) return;
    const payload = frames.length === 1 ? first : encodeBatch(frames);
    const isOfInterest = isWatched || requests.length > 0;
    this.#host.publish(way.subject, payload, isOfInterest ? this.#remember(way, requests) : 0);
  }

  #remember(way: Way, requests: readonly OpenRequest[]): number {
    this.#lastToken += 1;
    const token = this.#lastToken;
    this.#parcels.set(token, { id: token, way, requests, open: requests.length });
    for (const request of requests) request.token = token;
    if (requests.length === 0) this.#watch(way.subject, token);
    return token;
  }

  #watch(subject: string, token: number): void {
    this.#unwatch(subject);
    this.#watched.set(subject, token);
    if (this.#watched.size <= this.#limits.watchedInboxesMax) return;
    for (const oldest of this.#watched.keys()) return this.#unwatch(oldest);
  }

  #unwatch(subject: string): void {
    this.#parcels.delete(this.#watched.get(subject) ?? 0);
    this.#watched.delete(subject);
  }
}
