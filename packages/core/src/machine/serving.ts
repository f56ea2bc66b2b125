import { processOf } from '../address.ts';
import { HEADER_BYTES_MAX } from '../bytes.ts';
import { protocolError, SwarmError, unreachable } from '../errors.ts';
import { answerFrame, frameTo, type SwarmFrame } from '../swarm-frame.ts';
import type { By, Outcome, RouterConfig, RouterHost } from './contract.ts';
import { Seen } from './seen.ts';
import { type Answerer, ServedByProcess, ServedRequest } from './served.ts';

/** Sends an answer to a process, which may be this one. */
type Respond = (process: string, frame: SwarmFrame) => void;

/** The requests that nodes of this process answer: whoever asked gets one answer, once. */
export class Serving<N> implements Answerer {
  readonly #host: Pick<RouterHost<N>, 'serve'>;
  readonly #config: RouterConfig;
  readonly #nodes: ReadonlyMap<string, N>;
  readonly #respond: Respond;
  readonly #bodyBytesMax: number;
  readonly #served: ServedByProcess;
  readonly #seen: Seen;

  constructor(
    host: Pick<RouterHost<N>, 'serve'>,
    config: RouterConfig,
    nodes: ReadonlyMap<string, N>,
    respond: Respond,
  ) {
    this.#host = host;
    this.#config = config;
    this.#nodes = nodes;
    this.#respond = respond;
    this.#bodyBytesMax = config.limits.swarmFrameBytesMax - HEADER_BYTES_MAX;
    this.#served = new ServedByProcess(config.wheel);
    this.#seen = new Seen(config.limits.seenProcessesMax);
  }

  get size(): number {
    return this.#served.size;
  }

  /** A request came for a node, which may not be here. */
  serve(frame: SwarmFrame, by: By, nowMs: number): void {
    const { process, to, id, target, ttlMs } = frame;
    const { routedRequestsMax: max } = this.#config.limits;
    if (target !== 'node') {
      return this.refuse(frame, protocolError('incompatible', 'no', `no ${target} can be asked`));
    }
    const bySwarm = by !== 'here';
    const node = this.#nodes.get(to);
    // A request delivered twice is or was answered; whatever else we said would be wrong.
    if (this.#served.has(process, id) || (bySwarm && this.#seen.has(process, id))) return;
    if (node === undefined) return this.#refuseAbsent(frame, bySwarm);
    if (bySwarm) this.#seen.add(process, id);
    if (this.#served.size >= max) {
      return this.refuse(frame, protocolError('overloaded', 'no', `routedRequestsMax: ${max}`));
    }
    const route = { process, node: to, owner: node, isShared: by === 'name' };
    const request = new ServedRequest(this, id, nowMs + ttlMs, route);
    this.#served.begin(request, nowMs);
    this.#host.serve(node, frame, request);
    this.#served.keep(request, nowMs);
  }

  refuse(asked: Pick<SwarmFrame, 'process' | 'to' | 'id'>, error: SwarmError): void {
    this.#reply(asked.process, asked.to, asked.id, { ok: false, error });
  }

  answer(request: ServedRequest, outcome: Outcome): void {
    if (!this.#served.remove(request)) return;
    const { process, node, owner, isShared } = request.route;
    // Whoever took the id from it heard the request by its name, too, and may run it.
    const isTaken = isShared && this.#nodes.get(node) !== owner;
    this.#reply(process, node, request.id as number, isTaken ? doubted(outcome) : outcome);
  }

  /** The asking end gave up. */
  cancel(process: string, id: number): void {
    this.#served.cancel(process, id, protocolError('cancelled', 'unknown', 'cancelled'));
  }

  /** Nobody in another process can be told any more. */
  lost(error: SwarmError): void {
    this.#served.abortAllBut(this.#config.process, error);
  }

  /** Tell everybody who waits, and stop. */
  close(error: SwarmError): void {
    for (const request of this.#served.all) {
      request.answer({ ok: false, error });
      request.abort(error);
    }
  }

  /** A node with a chosen id may be elsewhere by now, and only there can that be known. */
  #refuseAbsent(frame: SwarmFrame, bySwarm: boolean): void {
    const { process, to, id } = frame;
    if (!bySwarm || processOf(to) !== null) this.refuse(frame, unreachable());
    else this.#respond(process, frameTo('not-here', this.#config.process, to, id));
  }

  /** Whatever the outcome is, the asking process gets one answer, even if it cannot be written. */
  #reply(process: string, node: string, id: number, outcome: Outcome): void {
    const from = { process: this.#config.process, node, id };
    this.#respond(process, answerFrame(from, outcome, this.#bodyBytesMax));
  }
}

/** What these handlers did not run, others may have. */
function doubted(outcome: Outcome): Outcome {
  if (outcome.ok || outcome.error.delivered !== 'no') return outcome;
  const { message, subtype, data, code } = outcome.error;
  return {
    ok: false,
    error: new SwarmError(message, { subtype, data, code, delivered: 'unknown' }),
  };
}
