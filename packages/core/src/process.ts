import {
  claimsSubject,
  inboxSubject,
  NODE_ID_BYTES,
  nodeId,
  nodeSubject,
  PROCESS_ID_BYTES,
  processId,
  processOf,
} from './address.ts';
import type { ServerEvents } from './api.ts';
import type { Outlet } from './calls.ts';
import { Clock, Turns } from './clock.ts';
import type { ContextKind, Incoming, Origin } from './context.ts';
import { Context } from './context.ts';
import type { Contract, Definition } from './contract.ts';
import { dispatch } from './dispatch.ts';
import { Emitter } from './emitter.ts';
import { protocolError } from './errors.ts';
import { forward, forwardDecoded } from './forward.ts';
import type { InitInfo } from './frame.ts';
import { Handlers, select } from './handlers.ts';
import type { Limits } from './limits.ts';
import type { OpenRequest } from './machine/asked.ts';
import type { Call, Notice, Route, RouterHost } from './machine/contract.ts';
import { Router } from './machine/router.ts';
import type { ServedRequest } from './machine/served.ts';
import type { Wheel } from './machine/wheel.ts';
import type { NodeContext, NodeHandler, NodeMiddleware, NodeServer, ServerNode } from './node.ts';
import type { Runtime } from './runtime.ts';
import type { Swarm } from './swarm.ts';
import type { SwarmFrame } from './swarm-frame.ts';
import { Uplink, type UplinkHost } from './uplink.ts';

/** Close code of a client whose id has another owner; HTTP 409 in the range of applications. */
const CONFLICT = 4409;

/** The group of a contract that handlers of each kind answer. */
const ANSWERS = { client: 'node', server: 'server', remoteClient: 'client' } as const;

export interface ProcessConfig {
  readonly swarm: Swarm;
  readonly contract: Contract | undefined;
  readonly namespace: string;
  readonly limits: Limits;
  readonly requestTimeoutMs: number;
  readonly takeover: 'newest' | 'oldest';
  readonly runtime: Runtime;
}

/**
 * Drives the router of a process: it gives it time, turns and links, runs the handlers it names,
 * and is the way out for calls between nodes.
 */
export class Process implements RouterHost<ServerNode>, NodeServer, Outlet, UplinkHost {
  readonly id: string;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly requestTimeoutMs: number;
  readonly events: Emitter<ServerEvents> = new Emitter();
  readonly handlers: { readonly [Kind in ContextKind]: Handlers<NodeHandler> } = {
    client: new Handlers(),
    server: new Handlers(),
    remoteClient: new Handlers(),
  };
  middleware: readonly NodeMiddleware[] = [];
  readonly router: Router<ServerNode>;
  readonly #config: ProcessConfig;
  readonly #turns: Turns;
  readonly #uplink: Uplink;
  #isOpen = true;

  constructor(config: ProcessConfig) {
    const { runtime, limits, requestTimeoutMs, namespace, takeover, swarm } = config;
    const { detectsNoReceiver } = swarm.capabilities;
    this.#config = config;
    this.id = processId(runtime.randomBytes(PROCESS_ID_BYTES));
    this.clock = new Clock(runtime);
    this.limits = limits;
    this.requestTimeoutMs = requestTimeoutMs;
    this.router = new Router(this, {
      wheel: this.wheel,
      limits,
      requestTimeoutMs,
      namespace,
      process: this.id,
      takeover,
      detectsNoReceiver,
    });
    this.#uplink = new Uplink(this, {
      swarm,
      runtime,
      process: this.id,
      inbox: inboxSubject(namespace, this.id),
      claims: claimsSubject(namespace),
      frameBytesMax: limits.swarmFrameBytesMax,
      announcedPerCallMax: limits.announcedPerCallMax,
    });
    this.#turns = new Turns(runtime, limits.deliveriesPerTurnMax, () => {
      return this.router.flush(this.clock.nowMs());
    });
  }

  get contract(): Contract | undefined {
    return this.#config.contract;
  }

  get wheel(): Wheel {
    return this.clock.wheel;
  }

  get isLinked(): boolean {
    return this.#uplink.isReady;
  }

  async connect(): Promise<void> {
    await this.#uplink.open();
  }

  /** An id that carries this process, so that nobody has to be told of it. */
  newNodeId(): string {
    return nodeId(this.id, this.clock.runtime.randomBytes(NODE_ID_BYTES));
  }

  /** Make a chosen id reachable by name, and take it from whoever had it. */
  async announce(id: string): Promise<void> {
    await this.#uplink.announce(id);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.router.close();
    // Whoever asks until nobody can any more is still told that there is no node.
    if (this.isLinked) await this.#uplink.leave();
    this.router.flush(this.clock.nowMs());
    this.#turns.stop();
    this.clock.stop();
    await this.#uplink.close();
  }

  /** The way of every request and event to its handlers. */
  run(origin: Origin<ServerNode>, incoming: Incoming): void {
    const { kind, node } = origin;
    const { middleware } = this;
    const handlers = select(incoming.name, this.handlers[kind], node.own(kind));
    const last =
      kind !== 'remoteClient' ? null : middleware.length === 0 ? forward : forwardDecoded;
    const definition = this.contract?.definitions[ANSWERS[kind]].get(incoming.name);
    const chain = { middleware, handlers, definition, last };
    dispatch(chain, new Context(origin, incoming), this.#failed);
  }

  readonly #failed = (error: unknown, ctx: NodeContext): void => {
    this.events.emit('error', error, ctx);
  };

  introduced(node: ServerNode, { contract: theirs }: InitInfo): void {
    const ours = this.contract?.info;
    if (ours === undefined || theirs === undefined || ours.hash === theirs.hash) return;
    this.events.emit('mismatch', { ours, theirs }, node);
  }

  ended(node: ServerNode, reason: string): void {
    this.router.remove(node.id, node, reason);
  }

  // Outlet: calls between nodes leave by here.

  request(route: Route | null, call: Call): OpenRequest {
    this.#checkOpen();
    return this.router.request(route as Route, call, this.clock.nowMs());
  }

  emit(route: Route | null, notice: Notice): void {
    this.#checkOpen();
    this.router.emit(route as Route, notice, this.clock.nowMs());
  }

  deadlineMs(timeoutMs: number = this.requestTimeoutMs): number {
    return this.clock.nowMs() + timeoutMs;
  }

  definition(route: Route | null, name: string): Definition | undefined {
    return this.contract?.definitions[ANSWERS[(route as Route).via]].get(name);
  }

  cancel(request: OpenRequest): void {
    this.router.cancel(request);
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw protocolError('closed', 'no', 'the server is closed');
  }

  // RouterHost: what the router wants done.

  serve(node: ServerNode, frame: SwarmFrame, request: ServedRequest): void {
    this.run({ kind: frame.via, node, sender: frame.node, request }, frame);
  }

  notice(node: ServerNode, frame: SwarmFrame): void {
    this.run({ kind: frame.via, node, sender: frame.node, request: null }, frame);
  }

  publish(epoch: number, subject: string, payload: Uint8Array, token: number): void {
    this.#uplink.publish(epoch, subject, payload, token);
  }

  ponged(number: number): void {
    this.#uplink.ponged(number);
  }

  wake(): void {
    this.#turns.wake();
  }

  joined(id: string): void {
    this.events.emit('joined', id);
  }

  left(id: string, _node: ServerNode, reason: string): void {
    // A node that takes the id over here, in the same turn, keeps the subject.
    if (processOf(id) === null) this.#uplink.withdraw(id);
    this.events.emit('left', id, reason);
  }

  evict(node: ServerNode, reason: 'replaced' | 'taken'): void {
    node.close(CONFLICT, reason);
  }

  // UplinkHost: what the swarm brings.

  subjectOf(id: string): string {
    return nodeSubject(this.#config.namespace, id);
  }

  receive(subject: string, payload: Uint8Array): void {
    this.router.receive(subject, payload, this.clock.nowMs());
  }

  undeliverable(token: number): void {
    this.router.undeliverable(token, this.clock.nowMs());
  }

  pressure(epoch: number, on: boolean): void {
    this.router.pressure(epoch, on);
  }

  opened(epoch: number): void {
    this.router.opened(epoch);
  }

  up(epoch: number): void {
    this.router.ready(epoch);
    this.events.emit('linked');
  }

  lost(epoch: number): void {
    this.router.lost(epoch);
  }

  down(cause: unknown): void {
    this.events.emit('unlinked', cause);
  }

  retrying(attempt: number, delayMs: number, cause: unknown): void {
    this.events.emit('relinking', { attempt, delayMs, cause });
  }

  announced(ids: readonly string[], isGradual: boolean): void {
    this.router.claim(ids, this.clock.nowMs(), isGradual);
  }

  refused(id: string): void {
    this.router.nodes.get(id)?.shut(1013, 'no way into the swarm');
  }
}
