import { inboxSubject, processOf } from '../address.ts';
import { HEADER_BYTES_MAX } from '../bytes.ts';
import { protocolError } from '../errors.ts';
import {
  decodeMessage,
  frameTo,
  outcomeOf,
  type SwarmFrame,
  type UnknownFrame,
} from '../swarm-frame.ts';
import { type OpenRequest, OpenRequests } from './asked.ts';
import type { By, Call, Notice, Route, RouterConfig, RouterHost } from './contract.ts';
import { Departures } from './departures.ts';
import { IdTable } from './id-table.ts';
import { Ownership, type Rejoinder } from './ownership.ts';
import { Serving } from './serving.ts';

/** The epoch of what never leaves the process. Links count from 1. */
const LOCAL_EPOCH = 0;

/**
 * The exchanges between nodes, as a machine without IO: it knows the nodes of this process, lets
 * {@link Departures} find the way to all others, and correlates what comes back.
 *
 * What stays in this process takes the same way as everything else, except that its header is not
 * encoded: it waits for the end of the turn, so that no handler runs inside the call that asks.
 */
export class Router<N> {
  readonly #host: RouterHost<N>;
  readonly #config: RouterConfig;
  readonly #inbox: string;
  readonly #bodyBytesMax: number;
  readonly #owned: Ownership<N>;
  readonly #departures: Departures;
  readonly #asked: OpenRequests;
  readonly #serving: Serving<N>;
  /** Frames of this turn for nodes of this process. */
  #turn: SwarmFrame[] = [];

  constructor(host: RouterHost<N>, config: RouterConfig) {
    const { wheel, namespace, process } = config;
    const { routedRequestsMax, swarmFrameBytesMax } = config.limits;
    this.#inbox = inboxSubject(namespace, process);
    this.#host = host;
    this.#config = config;
    this.#bodyBytesMax = swarmFrameBytesMax - HEADER_BYTES_MAX;
    this.#owned = new Ownership(host, config);
    this.#departures = new Departures(host, config);
    const tables = [this.#departures, new IdTable<OpenRequest>()] as const;
    this.#asked = new OpenRequests(wheel, routedRequestsMax, 'routedRequestsMax', ...tables);
    this.#serving = new Serving(host, config, this.nodes, this.#respond);
  }

  get nodes(): ReadonlyMap<string, N> {
    return this.#owned.nodes;
  }

  /** Every exchange and frame this router still holds. */
  get size(): number {
    return this.#asked.size + this.#serving.size + this.#turn.length + this.#departures.size;
  }

  /** Make a node reachable in this process; see {@link Ownership.add}. */
  add(id: string, node: N): void {
    this.#owned.add(id, node);
  }

  remove(id: string, node: N, reason: string): void {
    this.#owned.remove(id, node, reason);
  }

  /**
   * Tell other owners of chosen ids, whose subjects are subscribed, that these are ours: one by its
   * name; several, or on a gradual link, by a message to all, which costs less or is surer to come.
   */
  claim(ids: readonly string[], nowMs: number, isGradual = false): void {
    for (const id of ids.filter((each) => this.nodes.has(each))) {
      const frame = frameTo('claim', this.#config.process, id, this.#owned.claim(id, nowMs));
      if (ids.length === 1 && !isGradual) this.#departures.tellByName(frame);
      else this.#departures.tellAll(frame);
    }
  }

  /** There is a link: what others ask by it can be answered. */
  opened(epoch: number): void {
    this.#departures.opened(epoch);
  }

  /** It works both ways: others can be asked. */
  ready(epoch: number): void {
    this.#departures.ready(epoch);
  }

  /** The link is over: what went out by it is settled, what came in by it is aborted. */
  lost(epoch: number): void {
    const reason = 'the link to the swarm is lost';
    this.#owned.lost();
    this.#departures.lost(epoch);
    this.#serving.lost(protocolError('closed', 'unknown', reason));
    this.#asked.closeAll(reason, (request) => request.asked?.epoch === epoch);
  }

  /** The process leaves: others are told, and nothing of its own is waited for any more. */
  close(): void {
    const reason = 'the server is closed';
    this.#serving.close(protocolError('closed', 'unknown', reason));
    this.#departures.flush();
    this.#turn = [];
    this.#asked.closeAll(reason);
  }

  pressure(epoch: number, on: boolean): void {
    this.#departures.pressure(epoch, on);
  }

  /**
   * Ask a node.
   *
   * @throws SwarmError `unreachable`, `closed`, `overloaded` or `too_large`, all `delivered: 'no'`.
   */
  request(route: Route, call: Call, nowMs: number): OpenRequest {
    const request = this.#asked.open(call.deadlineMs, call.settler, nowMs);
    try {
      const ttlMs = Math.max(0, call.deadlineMs - nowMs);
      this.#send(this.#frameOf(route, call, request.id, ttlMs), request, nowMs);
    } catch (error) {
      this.#asked.forget(request);
      throw error;
    }
    return request;
  }

  /**
   * Tell a node.
   *
   * @throws SwarmError as {@link request} does.
   */
  emit(route: Route, notice: Notice, nowMs: number): void {
    this.#send(this.#frameOf(route, notice, 0, 0), null, nowMs);
  }

  cancel(request: OpenRequest): void {
    if (!request.isOpen) return;
    const { asked, sent, id } = request;
    request.fail('cancelled', 'cancelled by the caller');
    if (!sent || asked === null) return;
    const { process } = this.#config;
    if (asked.process !== process) return this.#departures.cancel(request);
    this.#enlist(frameTo('cancel', process, asked.node, id));
  }

  /** The end of a turn: deliver and send what it left; returns how many frames. */
  flush(nowMs: number): number {
    const frames = this.#turn;
    this.#turn = [];
    for (const frame of frames) {
      if (frame.kind !== 'request' || this.#departs(frame)) this.#deliver(frame, 'here', nowMs);
    }
    return frames.length + this.#departures.flush();
  }

  /** A message from the swarm. What is no frame, or too long for one, is dropped unread. */
  receive(subject: string, payload: Uint8Array, nowMs: number): void {
    if (payload.length > this.#config.limits.swarmFrameBytesMax) return;
    const by = subject === this.#inbox ? 'inbox' : 'name';
    for (const frame of decodeMessage(payload)) this.#deliver(frame, by, nowMs);
  }

  /** Nobody heard the message with this token. */
  undeliverable(token: number, nowMs: number): void {
    this.#departures.undeliverable(token, nowMs);
  }

  /** A request, or an event with the id 0. */
  #frameOf({ to, via, from }: Route, notice: Notice, id: number, ttlMs: number): SwarmFrame {
    const { name, meta } = notice;
    // What stays here is decoded by another end than the one that may still look at it.
    const body = this.nodes.has(to) ? notice.body.copy() : notice.body;
    const kind = id === 0 ? 'event' : 'request';
    const { process } = this.#config;
    return { kind, target: 'node', to, process, node: from, id, ttlMs, via, name, meta, body };
  }

  #send(frame: SwarmFrame, request: OpenRequest | null, nowMs: number): void {
    const { limits, process } = this.#config;
    if (!frame.body.fits(this.#bodyBytesMax)) {
      throw protocolError('too_large', 'no', 'swarmFrameBytesMax: the body is too long');
    }
    if (this.#turn.length + this.#departures.waiting >= limits.turnMessagesMax) {
      throw protocolError('overloaded', 'no', 'turnMessagesMax: too many in one turn');
    }
    if (!this.nodes.has(frame.to)) return this.#departures.send(frame, request, nowMs);
    if (request !== null) {
      request.asked = { node: frame.to, process, epoch: LOCAL_EPOCH, frame: null };
    }
    this.#enlist(frame);
  }

  #enlist(frame: SwarmFrame): void {
    this.#turn.push(frame);
    if (this.#turn.length === 1) this.#host.wake();
  }

  /** Whether a request of this process still has to be delivered; from now on it has been. */
  #departs(frame: SwarmFrame): boolean {
    const request = this.#asked.get(frame.id);
    return request !== undefined && this.#departures.departs(request);
  }

  #deliver(frame: SwarmFrame | UnknownFrame, by: By, nowMs: number): void {
    switch (frame.kind) {
      case 'request':
        return this.#serving.serve(frame, by, nowMs);
      case 'event':
        return this.#notice(frame, by);
      case 'response':
      case 'error':
        return this.#settle(frame);
      case 'cancel':
        return this.#serving.cancel(frame.process, frame.id);
      case 'claim':
      case 'taken':
      case 'not-here':
      case 'who-has':
      case 'here':
        return frame.target === 'node' ? this.#locate(frame, by, nowMs) : undefined;
      case 'ping':
        if (frame.process === this.#config.process) this.#host.ponged(frame.id);
        return;
      case 'item':
      case 'credit':
      case 'end':
      case 'unknown':
        return this.#refuseUnknown(frame);
    }
  }

  /** What processes tell each other about where a node is. */
  #locate(frame: SwarmFrame, by: By, nowMs: number): void {
    const { kind, to, process, id } = frame;
    if (kind === 'claim') this.#rejoin(frame, this.#owned.claimed(to, process, id, nowMs));
    else if (kind === 'taken') this.#rejoin(frame, this.#owned.taken(to, process, id, nowMs));
    else if (kind === 'not-here') this.#departures.notHere(frame, this.#asked.get(id), nowMs);
    else if (kind === 'here') this.#departures.here(frame);
    // In the inbox, about a generated id: the question is whether this process is there.
    else if (this.nodes.has(to) || (by === 'inbox' && processOf(to) !== null)) {
      this.#tell('here', frame);
    }
  }

  /** A newer process asked something that nobody here knows. */
  #refuseUnknown(asked: Pick<SwarmFrame, 'process' | 'to' | 'id'>): void {
    if (asked.id === 0) return;
    this.#serving.refuse(asked, protocolError('incompatible', 'no', 'unknown kind'));
  }

  /** An event that comes too late for a node with a chosen id goes to whoever has that now. */
  #notice(frame: SwarmFrame, by: By): void {
    if (frame.target !== 'node') return;
    const node = this.nodes.get(frame.to);
    if (node !== undefined) return this.#host.notice(node, frame);
    if (by === 'name' || processOf(frame.to) !== null) return;
    this.#departures.tellByName(frame);
    if (by === 'inbox') this.#tell('not-here', frame);
  }

  /** Only the node that was asked may answer, from the process that was asked if it is known. */
  #settle(frame: SwarmFrame): void {
    const { id, node, process } = frame;
    const { asked = null, sent = false } = this.#asked.get(id) ?? {};
    if (!sent || asked === null || asked.node !== node) return;
    if (asked.process !== null && asked.process !== process) return;
    const outcome = outcomeOf(frame);
    // Of a process that leaves, or no longer has the node, nothing is to be remembered.
    const { subtype } = outcome.ok ? { subtype: null } : outcome.error;
    if (subtype === 'closed' || subtype === 'unreachable') this.#departures.forget(node, process);
    else if (asked.process === null) this.#departures.learn(node, process);
    this.#asked.settle(id, outcome);
  }

  #rejoin({ to, process }: SwarmFrame, rejoinder: Rejoinder): void {
    if (rejoinder === null) return;
    const frame = frameTo(rejoinder.kind, this.#config.process, to, rejoinder.rank);
    if (frame.kind === 'claim') this.#departures.tellByName(frame);
    else this.#departures.tellProcess(process, frame);
  }

  /** Say something of the node, to the process that asked for it. */
  #tell(kind: 'not-here' | 'here', { to, process, id }: SwarmFrame): void {
    this.#departures.tellProcess(process, frameTo(kind, this.#config.process, to, id));
  }

  readonly #respond = (process: string, frame: SwarmFrame): void => {
    if (process === this.#config.process) this.#enlist(frame);
    else this.#departures.tellProcess(process, frame);
  };
}
