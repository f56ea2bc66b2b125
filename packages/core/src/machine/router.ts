import { inboxSubject, nodeSubject, processOf } from '../address.ts';
import { HEADER_BYTES_MAX } from '../bytes.ts';
import { protocolError, type SwarmError, unreachable } from '../errors.ts';
import {
  answerFrame,
  decodeSwarmFrame,
  decodeUnknown,
  encodeSwarmFrame,
  frameTo,
  outcomeOf,
  type SwarmFrame,
} from '../swarm-frame.ts';
import { type OpenRequest, OpenRequests } from './asked.ts';
import type { Call, Notice, Outcome, Route, RouterConfig, RouterHost } from './contract.ts';
import { Ownership } from './ownership.ts';
import { type Answerer, ServedByProcess, ServedRequest } from './served.ts';

/** The epoch of what never leaves the process. Links count from 1. */
const LOCAL_EPOCH = 0;

/**
 * The exchanges between nodes, as a machine without IO: it knows the nodes of this process, finds
 * the way to all others, and correlates what comes back.
 *
 * What stays in this process takes the same way as everything else, except that its header is not
 * encoded: it waits for the end of the turn, so that no handler runs inside the call that asks.
 */
export class Router<N> implements Answerer {
  readonly #host: RouterHost<N>;
  readonly #config: RouterConfig;
  readonly #bodyBytesMax: number;
  readonly #owned: Ownership<N>;
  readonly #asked: OpenRequests;
  readonly #served: ServedByProcess;
  /** Frames of this turn for nodes of this process. */
  #turn: SwarmFrame[] = [];
  /** Epochs of the links that are ready. The first one is used. */
  #links: readonly number[] = [];
  #pressed = false;

  constructor(host: RouterHost<N>, config: RouterConfig) {
    const { routedRequestsMax, swarmFrameBytesMax } = config.limits;
    this.#bodyBytesMax = swarmFrameBytesMax - HEADER_BYTES_MAX;
    this.#host = host;
    this.#config = config;
    this.#owned = new Ownership(host, config);
    this.#asked = new OpenRequests(config.wheel, routedRequestsMax, 'routedRequestsMax');
    this.#served = new ServedByProcess(config.wheel);
  }

  get nodes(): ReadonlyMap<string, N> {
    return this.#owned.nodes;
  }

  /** Every exchange and frame this router still holds. */
  get size(): number {
    return this.#asked.size + this.#served.size + this.#turn.length;
  }

  /** Make a node reachable in this process; see {@link Ownership.add}. */
  add(id: string, node: N): void {
    this.#owned.add(id, node);
  }

  remove(id: string, node: N, reason: string): void {
    this.#owned.remove(id, node, reason);
  }

  /** Tell other owners of a chosen id that it is ours now; its subject must be subscribed. */
  claim(id: string): void {
    this.#owned.claiming(id);
    this.#publish(this.#subjectOf(id), frameTo('claim', this.#config.process, id), 0);
  }

  ready(epoch: number): void {
    this.#links = [...this.#links, epoch];
  }

  /** The link is over: what went out by it is settled, what came in by it is aborted. */
  lost(epoch: number): void {
    const reason = 'the link to the swarm is lost';
    this.#links = this.#links.filter((link) => link !== epoch);
    this.#pressed = false;
    this.#owned.forgetClaims();
    this.#served.abortAllBut(this.#config.process, protocolError('closed', 'unknown', reason));
    this.#asked.closeAll(reason, (request) => request.asked?.epoch === epoch);
  }

  /** The process leaves: nothing of its own is waited for any more, either. */
  close(): void {
    const reason = 'the server is closed';
    this.#turn = [];
    this.#links = [];
    this.#served.abortAllBut('', protocolError('closed', 'unknown', reason));
    this.#asked.closeAll(reason);
  }

  pressure(on: boolean): void {
    this.#pressed = on;
  }

  /**
   * Ask a node.
   *
   * @throws SwarmError `unreachable`, `closed`, `overloaded` or `too_large`, all `delivered: 'no'`.
   */
  request(route: Route, call: Call, nowMs: number): OpenRequest {
    const request = this.#asked.open(call.deadlineMs, call.settler, nowMs);
    try {
      const bare = this.#addressed('request', route, call);
      const ttlMs = Math.max(0, call.deadlineMs - nowMs);
      this.#send({ ...bare, id: request.id, ttlMs }, request);
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
  emit(route: Route, notice: Notice): void {
    this.#send(this.#addressed('event', route, notice), null);
  }

  cancel(request: OpenRequest): void {
    if (this.#asked.get(request.id) !== request) return;
    const { asked, sent, id } = request;
    request.fail('cancelled', 'cancelled by the caller');
    if (!sent || asked === null) return;
    const frame: SwarmFrame = { ...frameTo('cancel', this.#config.process, asked.node), id };
    if (asked.process === frame.process) this.#enlist(frame);
    else this.#publish(this.#subjectOf(asked.node), frame, 0);
  }

  /** Deliver what this turn left for nodes of this process; returns how many frames. */
  flush(nowMs: number): number {
    const frames = this.#turn;
    this.#turn = [];
    for (const frame of frames) {
      if (frame.kind !== 'request' || this.#departs(frame)) this.#deliver(frame, nowMs);
    }
    return frames.length;
  }

  /** A message from the swarm. What is no frame, or too long for one, is dropped unread. */
  receive(payload: Uint8Array, nowMs: number): void {
    if (payload.length > this.#config.limits.swarmFrameBytesMax) return;
    const frame = decodeSwarmFrame(payload);
    if (frame !== null) return this.#deliver(frame, nowMs);
    const unknown = decodeUnknown(payload);
    if (unknown !== null)
      this.#refuse(unknown, protocolError('incompatible', 'no', 'unknown kind'));
  }

  /** Nobody hears the subject that the request with this id went to. */
  undeliverable(epoch: number, token: number): void {
    if (this.#asked.get(token)?.asked?.epoch !== epoch) return;
    this.#asked.settle(token, { ok: false, error: unreachable() });
  }

  answer(request: ServedRequest, outcome: Outcome): void {
    if (!this.#served.remove(request)) return;
    this.#reply(request.process, request.node, request.id as number, outcome);
  }

  #addressed(kind: 'request' | 'event', route: Route, notice: Notice): SwarmFrame {
    const { to, via, from: node } = route;
    const { name, body, meta } = notice;
    return { ...frameTo(kind, this.#config.process, to), via, node, name, body, meta };
  }

  #send(frame: SwarmFrame, request: OpenRequest | null): void {
    const { limits, process } = this.#config;
    if (!frame.body.fits(this.#bodyBytesMax)) {
      throw protocolError('too_large', 'no', 'swarmFrameBytesMax: the body is too long');
    }
    if (this.nodes.has(frame.to)) {
      if (this.#turn.length >= limits.turnMessagesMax) {
        throw protocolError('overloaded', 'no', 'turnMessagesMax: too many in one turn');
      }
      if (request !== null) request.asked = { node: frame.to, process, epoch: LOCAL_EPOCH };
      return this.#enlist({ ...frame, body: frame.body.copy() });
    }
    const owner = processOf(frame.to);
    if (owner === process) throw unreachable();
    const epoch = this.#links[0];
    if (epoch === undefined) throw protocolError('closed', 'no', 'no link to the swarm');
    if (this.#pressed) throw protocolError('overloaded', 'no', 'the broker pushes back');
    if (request !== null) {
      request.asked = { node: frame.to, process: owner, epoch };
      request.sent = true;
    }
    this.#publish(this.#subjectOf(frame.to), frame, frame.id);
  }

  #subjectOf(node: string): string {
    const { namespace } = this.#config;
    const owner = processOf(node);
    return owner === null ? nodeSubject(namespace, node) : inboxSubject(namespace, owner);
  }

  #publish(subject: string, frame: SwarmFrame, token: number): void {
    const epoch = this.#links[0];
    if (epoch === undefined) return;
    this.#host.publish(epoch, subject, encodeSwarmFrame(frame), token);
  }

  #enlist(frame: SwarmFrame): void {
    this.#turn.push(frame);
    if (this.#turn.length === 1) this.#host.wake();
  }

  /** Whether a request of this process still has to be delivered; from now on it has been. */
  #departs(frame: SwarmFrame): boolean {
    const request = this.#asked.get(frame.id);
    if (request === undefined) return false;
    request.sent = true;
    return true;
  }

  #deliver(frame: SwarmFrame, nowMs: number): void {
    switch (frame.kind) {
      case 'request':
        return this.#serve(frame, nowMs);
      case 'event': {
        const node = this.nodes.get(frame.to);
        if (node !== undefined && frame.target === 'node') this.#host.notice(node, frame);
        return;
      }
      case 'response':
      case 'error':
        return this.#settle(frame);
      case 'cancel': {
        const reason = protocolError('cancelled', 'unknown', 'cancelled');
        return this.#served.cancel(frame.process, frame.id, reason);
      }
      case 'claim':
        return this.#claimed(frame);
      case 'taken':
        return this.#owned.taken(frame.to);
      case 'item':
      case 'credit':
      case 'end':
        return this.#refuse(frame, protocolError('incompatible', 'no', 'a reserved kind'));
    }
  }

  #serve(frame: SwarmFrame, nowMs: number): void {
    const { process, to, id, target, ttlMs } = frame;
    const { routedRequestsMax: max } = this.#config.limits;
    if (target !== 'node') {
      return this.#refuse(frame, protocolError('incompatible', 'no', `no ${target} can be asked`));
    }
    // A request delivered twice is being answered already; whatever else we said would be wrong.
    if (this.#served.has(process, id)) return;
    const node = this.nodes.get(to);
    if (node === undefined) return this.#refuse(frame, unreachable());
    if (this.#served.size >= max) {
      return this.#refuse(frame, protocolError('overloaded', 'no', `routedRequestsMax: ${max}`));
    }
    const request = new ServedRequest(this, id, nowMs + ttlMs, { process, node: to });
    this.#served.add(request, nowMs);
    this.#host.serve(node, frame, request);
  }

  /** Only the node that was asked may answer, from the process that was asked if it is known. */
  #settle(frame: SwarmFrame): void {
    const asked = this.#asked.get(frame.id)?.asked;
    if (asked === undefined || asked === null || asked.node !== frame.node) return;
    if (asked.process !== null && asked.process !== frame.process) return;
    this.#asked.settle(frame.id, outcomeOf(frame));
  }

  #claimed({ to, process }: SwarmFrame): void {
    if (!this.#owned.claimed(to, process)) return;
    const { namespace, process: own } = this.#config;
    this.#publish(inboxSubject(namespace, process), frameTo('taken', own, to), 0);
  }

  #refuse(asked: Pick<SwarmFrame, 'process' | 'to' | 'id'>, error: SwarmError): void {
    this.#reply(asked.process, asked.to, asked.id, { ok: false, error });
  }

  /** Whatever the outcome is, the asking process gets one answer, even if it cannot be written. */
  #reply(process: string, node: string, id: number, outcome: Outcome): void {
    const { namespace, process: own } = this.#config;
    const frame = { ...answerFrame(own, outcome, this.#bodyBytesMax), node, id };
    if (process === own) this.#enlist(frame);
    else this.#publish(inboxSubject(namespace, process), frame, 0);
  }
}
