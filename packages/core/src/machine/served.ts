import { protocolError, type SwarmError } from '../errors.ts';
import type { ExchangeId } from '../frame.ts';
import type { Outcome } from './contract.ts';
import type { Timed, Wheel } from './wheel.ts';

/** The machine a served request came in by, and its answer goes out by. */
export interface Answerer {
  answer(request: ServedRequest, outcome: Outcome): void;
}

/** Whence a request came from another node, and for which; all of it empty on a socket. */
export interface ServedRoute {
  /** That asked. */
  readonly process: string;
  /** Id of the node that was asked, */
  readonly node: string;
  /** and who had that then. */
  readonly owner: unknown;
  /** Whether others who hear the name of the node may serve it, too. */
  readonly isShared: boolean;
}

const FROM_SOCKET: ServedRoute = { process: '', node: '', owner: null, isShared: false };

/** A request of the other end that this end has accepted and not answered yet. */
export class ServedRequest implements Timed {
  readonly id: ExchangeId;
  readonly route: ServedRoute;
  readonly deadlineMs: number;
  readonly #answerer: Answerer;
  #aborted: SwarmError | null = null;
  #onAbort: ((reason: SwarmError) => void) | null = null;
  wheelSlot: number | null = null;
  wheelPrevious: Timed | null = null;
  wheelNext: Timed | null = null;

  constructor(
    answerer: Answerer,
    id: ExchangeId,
    deadlineMs: number,
    route: ServedRoute = FROM_SOCKET,
  ) {
    this.#answerer = answerer;
    this.id = id;
    this.deadlineMs = deadlineMs;
    this.route = route;
  }

  /** Why nobody waits for the answer any more, or null while somebody does. */
  get aborted(): SwarmError | null {
    return this.#aborted;
  }

  /** The first answer counts; later ones, and those after an abort, go nowhere. */
  answer(outcome: Outcome): void {
    this.#answerer.answer(this, outcome);
  }

  abort(reason: SwarmError): void {
    if (this.#aborted !== null) return;
    this.#aborted = reason;
    this.#onAbort?.(reason);
  }

  /** Call `listener` once when nobody waits any more; at once if that is so already. */
  onAbort(listener: (reason: SwarmError) => void): void {
    if (this.#aborted !== null) return listener(this.#aborted);
    const earlier = this.#onAbort;
    this.#onAbort = (reason) => {
      earlier?.(reason);
      listener(reason);
    };
  }

  /** Its time is over: the asking end is told, and the handlers are. */
  expire(): void {
    const error = protocolError('timeout', 'unknown', 'the handlers took too long');
    this.answer({ ok: false, error });
    this.abort(error);
  }
}

/**
 * The requests one end is serving for one other end, by the id the other end chose. One that is
 * answered while its handlers are started is never kept, which is what most of them are.
 */
export class ServedRequests {
  readonly #wheel: Wheel;
  #served: Map<ExchangeId, ServedRequest> | null = null;
  #starting: ServedRequest | null = null;

  constructor(wheel: Wheel) {
    this.#wheel = wheel;
  }

  get size(): number {
    const kept = this.#served === null ? 0 : this.#served.size;
    return this.#starting === null ? kept : kept + 1;
  }

  /** In a list of its own. */
  get all(): readonly ServedRequest[] {
    const kept = [...(this.#served?.values() ?? [])];
    return this.#starting === null ? kept : [...kept, this.#starting];
  }

  has(id: ExchangeId): boolean {
    return this.get(id) !== undefined;
  }

  get(id: ExchangeId): ServedRequest | undefined {
    return this.#starting?.id === id ? this.#starting : this.#served?.get(id);
  }

  /** Its handlers are about to be started; {@link keep} follows. */
  begin(request: ServedRequest, nowMs: number): void {
    // Handlers of one may bring in the next.
    if (this.#starting !== null) this.keep(this.#starting, nowMs);
    this.#starting = request;
  }

  /** Its handlers have been started, and may have answered it. */
  keep(request: ServedRequest, nowMs: number): void {
    if (this.#starting !== request) return;
    this.#starting = null;
    this.#served ??= new Map();
    this.#served.set(request.id, request);
    this.#wheel.add(request, nowMs);
  }

  /** False when the request is no longer, or never was, served here. */
  remove(request: ServedRequest): boolean {
    if (this.#starting === request) {
      this.#starting = null;
      return true;
    }
    if (this.#served?.get(request.id) !== request) return false;
    this.#served.delete(request.id);
    this.#wheel.remove(request);
    return true;
  }

  /** The asking end gave up. */
  cancel(id: ExchangeId, reason: SwarmError): void {
    const request = this.get(id);
    if (request === undefined) return;
    this.remove(request);
    request.abort(reason);
  }

  abortAll(reason: SwarmError): void {
    for (const request of this.all) this.cancel(request.id, reason);
  }
}

/** Tables of processes that ask nothing now are kept for up to so many: they may go on. */
const IDLE_TABLES_MAX = 256;

/** The same for many other ends: the requests a process serves, by the process that asked. */
export class ServedByProcess {
  readonly #wheel: Wheel;
  readonly #tables: Map<string, ServedRequests> = new Map();
  #size = 0;

  constructor(wheel: Wheel) {
    this.#wheel = wheel;
  }

  get size(): number {
    return this.#size;
  }

  /** All of them, in a list of its own. */
  get all(): readonly ServedRequest[] {
    return [...this.#tables.values()].flatMap((table) => table.all);
  }

  has(process: string, id: ExchangeId): boolean {
    return this.#tables.get(process)?.has(id) === true;
  }

  begin(request: ServedRequest, nowMs: number): void {
    let table = this.#tables.get(request.route.process);
    if (table === undefined) {
      table = new ServedRequests(this.#wheel);
      this.#tables.set(request.route.process, table);
    }
    table.begin(request, nowMs);
    this.#size += 1;
  }

  keep(request: ServedRequest, nowMs: number): void {
    this.#tables.get(request.route.process)?.keep(request, nowMs);
  }

  remove(request: ServedRequest): boolean {
    const table = this.#tables.get(request.route.process);
    if (table?.remove(request) !== true) return false;
    this.#size -= 1;
    const isIdle = table.size === 0 && this.#tables.size > IDLE_TABLES_MAX;
    if (isIdle) this.#tables.delete(request.route.process);
    return true;
  }

  cancel(process: string, id: ExchangeId, reason: SwarmError): void {
    const request = this.#tables.get(process)?.get(id);
    if (request !== undefined && this.remove(request)) request.abort(reason);
  }

  /** Nobody in another process waits any more. */
  abortAllBut(process: string, reason: SwarmError): void {
    for (const [owner, table] of [...this.#tables]) {
      if (owner === process) continue;
      this.#size -= table.size;
      this.#tables.delete(owner);
      table.abortAll(reason);
    }
  }
}
