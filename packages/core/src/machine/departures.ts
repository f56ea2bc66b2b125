import { claimsSubject, processOf } from '../address.ts';
import { protocolError, unreachable } from '../errors.ts';
import { frameTo, type SwarmFrame } from '../swarm-frame.ts';
import type { OpenRequest, RequestWatcher } from './asked.ts';
import type { RouterConfig, RouterHost } from './contract.ts';
import { Outbox, type OutboxHost, type Way } from './outbox.ts';
import { Patience } from './patience.ts';
import { type Held, Resolver } from './resolver.ts';
import { keyOf, Routes } from './routes.ts';

/**
 * How frames leave a process for others: it picks the way to each node, holds back what has to
 * be asked for first, and sends again what went to a process that no longer has the node.
 */
export class Departures implements OutboxHost, RequestWatcher {
  readonly #host: Pick<RouterHost<never>, 'publish' | 'wake'>;
  readonly #config: RouterConfig;
  readonly #routes: Routes;
  readonly #outbox: Outbox;
  readonly #resolver: Resolver;
  readonly #patience: Patience;
  /** To all processes, about many ids at once. */
  readonly #claims: Way;
  /** Epochs of the links there are. The first one is used. */
  #links: readonly number[] = [];
  /** Those that are known to work both ways, and those on which the broker pushes back. */
  readonly #ready: Set<number> = new Set();
  readonly #pressed: Set<number> = new Set();

  constructor(host: Pick<RouterHost<never>, 'publish' | 'wake'>, config: RouterConfig) {
    this.#host = host;
    this.#config = config;
    this.#routes = new Routes(config.namespace, config.limits.learnedRoutesMax);
    this.#outbox = new Outbox(this, config.limits);
    this.#resolver = new Resolver(config.wheel, (held) => refuse(held));
    this.#patience = new Patience(config.wheel);
    this.#claims = { subject: claimsSubject(config.namespace), process: null };
  }

  /** Frames that wait for the end of the turn. */
  get waiting(): number {
    return this.#outbox.size;
  }

  /** Everything held besides what was learned. */
  get size(): number {
    return this.#outbox.size + this.#outbox.parcels + this.#resolver.size + this.#patience.size;
  }

  /** There is a link: what others ask by it can be answered. */
  opened(epoch: number): void {
    this.#links = [...this.#links, epoch];
  }

  /** It works both ways: others can be asked. */
  ready(epoch: number): void {
    this.#ready.add(epoch);
  }

  /** What waits to leave by the link never does; whoever asked is told by the router. */
  lost(epoch: number): void {
    const wasUsed = this.#links[0] === epoch;
    this.#links = this.#links.filter((link) => link !== epoch);
    this.#ready.delete(epoch);
    this.#pressed.delete(epoch);
    if (!wasUsed) return;
    this.#outbox.clear();
    this.#resolver.clear();
    this.#routes.clear();
  }

  pressure(epoch: number, on: boolean): void {
    if (on) this.#pressed.add(epoch);
    else this.#pressed.delete(epoch);
  }

  /**
   * Send a request or event to a node elsewhere.
   *
   * @throws SwarmError `unreachable`, `closed` or `overloaded`, all `delivered: 'no'`.
   */
  send(frame: SwarmFrame, request: OpenRequest | null, nowMs: number): void {
    const { to } = frame;
    const home = processOf(to);
    const key = home ?? to;
    if (key === this.#config.process) throw unreachable();
    const [epoch] = this.#links;
    if (epoch === undefined || !this.#ready.has(epoch)) {
      throw protocolError('closed', 'no', 'no link to the swarm');
    }
    if (this.#pressed.has(epoch)) throw protocolError('overloaded', 'no', 'the broker pushes back');
    const held = this.#resolver.heldFor(key);
    const isUnknown = request !== null && !this.#config.detectsNoReceiver && !this.#routes.has(key);
    if (!isUnknown && held === 0) return this.#dispatch(frame, request, home);
    if (request === null && held >= this.#config.limits.waitingFramesMax) {
      throw protocolError('overloaded', 'no', 'waitingFramesMax: nobody has answered for the node');
    }
    if (request !== null) request.asked = { node: to, process: processOf(to), epoch, frame: null };
    this.#hold({ frame, request }, nowMs);
  }

  /** Send what is no request or event of ours, and needs no verdict. Without a link it is lost. */
  tell(way: Way, frame: SwarmFrame): void {
    this.#put(way, frame, null, false);
  }

  tellProcess(process: string, frame: SwarmFrame): void {
    this.tell(this.#routes.toProcess(process), frame);
  }

  tellByName(frame: SwarmFrame): void {
    this.tell(this.#routes.byName(frame.to), frame);
  }

  /** For whoever has, or is about to have, one of many nodes. */
  tellAll(frame: SwarmFrame): void {
    this.tell(this.#claims, frame);
  }

  /** The asking end gave up on a request that has left. */
  cancel({ asked, id }: OpenRequest): void {
    if (asked === null) return;
    const frame = frameTo('cancel', this.#config.process, asked.node, id);
    if (asked.process === null) this.tellByName(frame);
    else this.tellProcess(asked.process, frame);
  }

  /** An answer of a node came from this process. */
  learn(node: string, process: string): void {
    if (processOf(node) !== null) return;
    this.#routes.learnLater(node, process);
    this.#host.wake();
  }

  /** It has left that process, or the process itself leaves. */
  forget(node: string, process: string): void {
    this.#routes.forget(keyOf(node), process);
  }

  /**
   * A process does not have the node. What it alone was asked goes by name; of what went by name,
   * another may have the node, but not for long if nobody answers.
   */
  notHere({ to, process }: SwarmFrame, request: OpenRequest | undefined, nowMs: number): void {
    this.forget(to, process);
    const asked = request?.asked;
    if (request === undefined || asked?.node !== to) return;
    if (asked.process === process) this.#sendAgain(request, nowMs);
    else if (asked.process === null && request.sent) this.#patience.add(request, nowMs);
  }

  /** A process says that it has the node: what waited for that may go. */
  here({ to, process }: SwarmFrame): void {
    const key = keyOf(to);
    if (this.#resolver.heldFor(key) === 0 || (processOf(to) ?? process) !== process) return;
    this.#routes.learn(key, process);
    for (const { frame, request } of this.#resolver.answered(key)) this.#dispatch(frame, request);
  }

  /** Nobody heard the message with this token. */
  undeliverable(token: number, nowMs: number): void {
    const parcel = this.#outbox.parcel(token);
    if (parcel === undefined) return;
    const { process } = parcel.way;
    if (process !== null) this.#routes.forgetProcess(process);
    for (const request of parcel.requests) {
      if (request.asked?.frame != null) this.#sendAgain(request, nowMs);
      else request.settle({ ok: false, error: unreachable() });
    }
  }

  /** The end of a turn; returns how many frames have left. */
  flush(): number {
    const frames = this.#outbox.flush();
    this.#routes.endTurn();
    return frames;
  }

  // RequestWatcher

  settled(request: OpenRequest): void {
    if (request.token !== 0) this.#outbox.settled(request.token);
    this.#patience.remove(request);
  }

  /** Silence may mean that the process is gone: next time somebody else may answer. */
  expired({ asked }: OpenRequest): void {
    if (asked === null || asked.process === null) return;
    this.forget(asked.node, asked.process);
  }

  // OutboxHost

  departs(request: OpenRequest): boolean {
    if (!request.isOpen) return false;
    request.sent = true;
    return true;
  }

  publish(subject: string, payload: Uint8Array, token: number): void {
    const [epoch] = this.#links;
    if (epoch !== undefined) this.#host.publish(epoch, subject, payload, token);
  }

  #dispatch(frame: SwarmFrame, request: OpenRequest | null, home = processOf(frame.to)): void {
    const { to } = frame;
    const way = this.#routes.wayTo(to, home);
    const isLearned = way.process !== null && home === null;
    if (request !== null) {
      const epoch = this.#links[0] as number;
      const { process } = way;
      request.asked = { node: to, process, epoch, frame: isLearned ? frame : null };
    }
    this.#put(way, frame, request, isLearned);
  }

  /** To all who may have the node by now: it has not been served, and may not be yet. */
  #sendAgain(request: OpenRequest, nowMs: number): void {
    const { asked } = request;
    if (asked?.frame == null) return;
    this.settled(request);
    request.sent = false;
    request.token = 0;
    const ttlMs = Math.max(0, request.deadlineMs - nowMs);
    const frame = { ...asked.frame, ttlMs };
    request.asked = { ...asked, process: null, frame: null };
    if (this.#config.detectsNoReceiver) this.#put(this.#routes.byName(frame.to), frame, request);
    else this.#hold({ frame, request }, nowMs);
  }

  #hold(held: Held, nowMs: number): void {
    const { to } = held.frame;
    if (!this.#resolver.hold(keyOf(to), held, nowMs)) return;
    this.tell(this.#routes.wayTo(to), frameTo('who-has', this.#config.process, to));
  }

  #put(way: Way, frame: SwarmFrame, request: OpenRequest | null, isWatched = false): void {
    if (this.#links.length === 0) return;
    this.#outbox.put(way, frame, request, isWatched);
    if (this.#outbox.size > 0) this.#host.wake();
  }
}

/** Nobody said to have the node. */
function refuse(held: readonly Held[]): void {
  for (const { request } of held) request?.settle({ ok: false, error: unreachable() });
}
