import { protocolError } from '../errors.ts';
import type { ExchangeId } from '../frame.ts';
import type { SwarmFrame } from '../swarm-frame.ts';
import type { Outcome, Settler } from './contract.ts';
import type { Table } from './id-table.ts';
import type { Timed, Wheel } from './wheel.ts';

/** A request this end has opened and waits for. Made and settled by {@link OpenRequests} only. */
export class OpenRequest implements Timed {
  readonly id: number;
  readonly deadlineMs: number;
  readonly settler: Settler;
  readonly #table: OpenRequests;
  /** Whether it may have left this end; until then its failure is `delivered: 'no'`. */
  sent = false;
  /** Where it went, for a table whose requests go to many ends. */
  asked: Asked | null = null;
  /** Token of the message it left with; 0 while it has not, or stayed in the process. */
  token = 0;
  wheelSlot: number | null = null;
  wheelPrevious: Timed | null = null;
  wheelNext: Timed | null = null;

  constructor(table: OpenRequests, id: number, deadlineMs: number, settler: Settler) {
    this.#table = table;
    this.id = id;
    this.deadlineMs = deadlineMs;
    this.settler = settler;
  }

  /** Whether it is still waited for. */
  get isOpen(): boolean {
    return this.#table.get(this.id) === this;
  }

  settle(outcome: Outcome): void {
    this.#table.settle(this.id, outcome);
  }

  fail(subtype: 'timeout' | 'closed' | 'cancelled', message: string): void {
    const error = protocolError(subtype, this.sent ? 'unknown' : 'no', message);
    this.settle({ ok: false, error });
  }

  expire(): void {
    this.#table.expired(this);
    this.fail('timeout', 'no answer before the deadline');
  }
}

/** The node a routed request was sent to, its process where known, and the link it went by. */
export interface Asked {
  readonly node: string;
  readonly process: string | null;
  readonly epoch: number;
  /** To send it again another way, should the process turn out not to have the node. */
  readonly frame: SwarmFrame | null;
}

/** Whoever keeps account of the requests of a table. */
export interface RequestWatcher {
  /** The request is not waited for any more, for whatever reason. */
  settled(request: OpenRequest): void;
  /** It is about to be settled because its time is over. */
  expired(request: OpenRequest): void;
}

/**
 * The requests one end waits for, by correlation id.
 *
 * Invariants: every request opened is settled exactly once; `size` never exceeds its bound.
 */
export class OpenRequests {
  readonly #wheel: Wheel;
  readonly #max: number;
  readonly #limitName: string;
  readonly #watcher: RequestWatcher | null;
  readonly #open: Table<OpenRequest>;
  #lastId = 0;

  constructor(
    wheel: Wheel,
    max: number,
    limitName: string,
    watcher: RequestWatcher | null = null,
    table: Table<OpenRequest> = new Map<number, OpenRequest>(),
  ) {
    this.#wheel = wheel;
    this.#max = max;
    this.#limitName = limitName;
    this.#watcher = watcher;
    this.#open = table;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws SwarmError `overloaded` when the bound is reached. */
  open(deadlineMs: number, settler: Settler, nowMs: number): OpenRequest {
    if (this.#open.size >= this.#max) {
      throw protocolError('overloaded', 'no', `${this.#limitName}: ${this.#max} already open`);
    }
    this.#lastId += 1;
    const request = new OpenRequest(this, this.#lastId, deadlineMs, settler);
    this.#open.set(request.id, request);
    this.#wheel.add(request, nowMs);
    return request;
  }

  get(id: ExchangeId): OpenRequest | undefined {
    return this.#open.get(id as number);
  }

  /** Settle a request. False for an unknown id: a late or doubled answer is normal. */
  settle(id: ExchangeId, outcome: Outcome): boolean {
    const request = this.get(id);
    if (request === undefined) return false;
    this.forget(request);
    request.settler.settle(outcome);
    return true;
  }

  /** Take back a request that could not be sent, without telling its settler. */
  forget(request: OpenRequest): void {
    this.#open.delete(request.id);
    this.#wheel.remove(request);
    this.#watcher?.settled(request);
  }

  expired(request: OpenRequest): void {
    this.#watcher?.expired(request);
  }

  /** Fail what `concerns` names, in the order of opening. */
  closeAll(message: string, concerns: (request: OpenRequest) => boolean = () => true): void {
    for (const request of [...this.#open.values()]) {
      if (concerns(request)) request.fail('closed', message);
    }
  }
}
