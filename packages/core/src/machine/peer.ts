import { fitsBytes } from '../codec.ts';
import { protocolError, type SwarmError, unsendable } from '../errors.ts';
import type {
  Dialect,
  EventFrame,
  ExchangeId,
  InitInfo,
  MalformedFrame,
  Message,
  RequestFrame,
  SocketFrame,
} from '../frame.ts';
import { type OpenRequest, OpenRequests } from './asked.ts';
import type { Call, Notice, Outcome, PeerConfig, PeerHost, PeerOwner } from './contract.ts';
import { type Answerer, ServedRequest, ServedRequests } from './served.ts';
import { Waiting } from './waiting.ts';

/**
 * One end of the conversation on one socket, as a machine without IO: messages, requests and the
 * time go in; its host is told what to do. It lives as long as its socket and is never revived.
 *
 * Before the conversation is open, frames wait: those to be sent until {@link open} or the other
 * end's `init`, those received until {@link open}. Both queues are bounded and keep their order.
 */
export class Peer implements Answerer {
  readonly #host: PeerHost;
  readonly #owner: PeerOwner;
  readonly #dialect: Dialect;
  readonly #config: PeerConfig;
  // Made when they are needed: most conversations of a large server are silent.
  #asked: OpenRequests | null = null;
  #served: ServedRequests | null = null;
  #waiting: Waiting | null = null;
  readonly #role: 'opens' | 'waits';
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #early: SocketFrame[] | null = null;
  #isIntroduced = false;
  #malformed = 0;

  /** `role` says which end opens the conversation: a server's does, a client's waits for it. */
  constructor(
    host: PeerHost,
    owner: PeerOwner,
    dialect: Dialect,
    config: PeerConfig,
    role: 'opens' | 'waits' = 'waits',
  ) {
    this.#role = role;
    this.#host = host;
    this.#owner = owner;
    this.#dialect = dialect;
    this.#config = config;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Everything this peer still holds; 0 when nothing is left of it. */
  get size(): number {
    const tables = [this.#asked, this.#served, this.#waiting];
    return tables.reduce((size, table) => size + (table?.size ?? 0), this.#early?.length ?? 0);
  }

  /** This end opens the conversation: `init`, then what was waiting, in order. */
  open(info: InitInfo, nowMs: number): void {
    if (this.#state !== 'opening') return;
    this.#transmit({ kind: 'init', info });
    this.#begin(nowMs);
  }

  /**
   * Ask the other end.
   *
   * @throws SwarmError `closed`, `overloaded` or `too_large`, all `delivered: 'no'`.
   */
  request(call: Call, nowMs: number): OpenRequest {
    this.#checkRoom();
    const asked = this.#asking();
    const request = asked.open(call.deadlineMs, call.settler, nowMs);
    try {
      const { name, body, meta } = call;
      const ttlMs = Math.max(0, call.deadlineMs - nowMs);
      this.#sendOrWait({ kind: 'request', id: request.id, name, body, ttlMs, meta }, request);
    } catch (error) {
      asked.forget(request);
      throw error;
    }
    return request;
  }

  /**
   * Tell the other end.
   *
   * @throws SwarmError `closed`, `overloaded` or `too_large`, all `delivered: 'no'`.
   */
  emit({ name, body, meta }: Notice): void {
    this.#checkRoom();
    this.#sendOrWait({ kind: 'event', name, body, meta }, null);
  }

  /** The asking side gave up: settle the request, and let the other end know if it can. */
  cancel(request: OpenRequest): void {
    if (this.#asked?.get(request.id) !== request) return;
    if (request.sent) this.#transmit({ kind: 'cancel', id: request.id });
    request.fail('cancelled', 'cancelled by the caller');
  }

  ping(id: number): void {
    if (this.#state === 'open') this.#transmit({ kind: 'ping', id });
  }

  /** Tell who we are, after the other end has opened the conversation. */
  introduce(info: InitInfo): void {
    if (this.#state === 'open') this.#transmit({ kind: 'init', info });
  }

  /** Say goodbye for good. The driver closes the socket next, and reports it as {@link lost}. */
  bye(code: number, reason: string): void {
    if (this.#state !== 'closed') this.#transmit({ kind: 'close', code, reason });
  }

  /** The socket went before the conversation opened, and another one will do: keep waiting. */
  retry(): void {
    this.#early = null;
    this.#malformed = 0;
  }

  /** The socket is gone. What was in flight is settled, what was being served is aborted. */
  lost(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#waiting?.clear();
    this.#early = null;
    this.#served?.abortAll(protocolError('closed', 'unknown', reason));
    this.#asked?.closeAll(reason);
  }

  receive(message: Message, nowMs: number): void {
    if (this.#state === 'closed') return;
    if (!fitsBytes(message, this.#config.limits.socketFrameBytesMax)) {
      return this.#host.shut(1009, 'message over socketFrameBytesMax', false);
    }
    for (const frame of this.#dialect.receive(message)) {
      if (frame.kind === 'malformed') this.#refuse(frame);
      else {
        this.#malformed = 0;
        this.#handle(frame, nowMs);
      }
    }
  }

  answer(request: ServedRequest, outcome: Outcome): void {
    if (this.#served?.remove(request) !== true) return;
    this.#transmitAnswer(request.id, outcome);
  }

  #handle(frame: SocketFrame, nowMs: number): void {
    switch (frame.kind) {
      case 'request':
        if (this.#isReady(frame)) this.#serve(frame, nowMs);
        return;
      case 'event':
        if (this.#isReady(frame)) this.#owner.serve(frame, null);
        return;
      case 'response':
        this.#asked?.settle(frame.id, { ok: true, body: frame.body });
        return;
      case 'error':
        if (frame.id !== null) this.#asked?.settle(frame.id, { ok: false, error: frame.error });
        return;
      case 'cancel':
        if (!this.#isReady(frame)) return;
        return this.#served?.cancel(frame.id, protocolError('cancelled', 'unknown', 'cancelled'));
      case 'ping':
        return this.#transmit({ kind: 'pong', id: frame.id });
      case 'pong':
        return;
      case 'init':
        return this.#introduced(frame.info, nowMs);
      case 'close':
        return this.#host.shut(frame.code, frame.reason, true);
    }
  }

  /** An end introduces itself once; the first to do so opens the conversation. */
  #introduced(info: InitInfo, nowMs: number): void {
    if (this.#isIntroduced || (this.#role === 'opens' && this.#state === 'opening')) return;
    this.#isIntroduced = true;
    if (this.#state === 'opening') this.#begin(nowMs);
    this.#host.introduced(info);
  }

  /** False for a frame that came too early; it is kept in its place. */
  #isReady(frame: SocketFrame): boolean {
    if (this.#state !== 'opening') return this.#state === 'open';
    this.#early ??= [];
    if (this.#early.length < this.#config.limits.earlyFramesMax) this.#early.push(frame);
    else this.#host.shut(1008, 'earlyFramesMax: wait for init', false);
    return false;
  }

  #asking(): OpenRequests {
    const { wheel, limits } = this.#config;
    this.#asked ??= new OpenRequests(wheel, limits.openRequestsMax, 'openRequestsMax');
    return this.#asked;
  }

  #serve(frame: RequestFrame, nowMs: number): void {
    const { id } = frame;
    const { limits, requestTimeoutMs, wheel } = this.#config;
    this.#served ??= new ServedRequests(wheel);
    const served = this.#served;
    if (served.has(id)) {
      return this.#fail(id, protocolError('invalid', 'no', 'this correlation id is still open'));
    }
    if (served.size >= limits.openRequestsMax) {
      return this.#fail(id, protocolError('overloaded', 'no', 'openRequestsMax: too many open'));
    }
    const request = new ServedRequest(this, id, nowMs + (frame.ttlMs ?? requestTimeoutMs));
    served.begin(request, nowMs);
    this.#owner.serve(frame, request);
    served.keep(request, nowMs);
  }

  #refuse({ id, error }: MalformedFrame): void {
    if (error.subtype === 'invalid') this.#malformed += 1;
    this.#fail(id, error);
    if (this.#malformed >= this.#config.limits.malformedFramesMax) {
      this.#host.shut(1008, 'malformedFramesMax: messages without meaning', false);
    }
  }

  #begin(nowMs: number): void {
    this.#state = 'open';
    while (this.isOpen) {
      const frame = this.#waiting?.next(nowMs);
      if (frame == null) break;
      this.#transmit(frame);
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const frame of early) this.#handle(frame, nowMs);
  }

  #checkRoom(): void {
    if (this.#state === 'closed') throw protocolError('closed', 'no', 'the socket is closed');
    const { socketBufferBytesMax: max } = this.#config.limits;
    if (this.#host.bufferedBytes <= max) return;
    throw protocolError('overloaded', 'no', `socketBufferBytesMax: over ${max} bytes unsent`);
  }

  #sendOrWait(frame: RequestFrame | EventFrame, request: OpenRequest | null): void {
    const messages = this.#written(frame);
    if (this.#state === 'open') {
      // Before it is: the socket may be lost, and the request settled, within the sending.
      if (request !== null) request.sent = true;
      return this.#send(messages);
    }
    this.#waiting ??= new Waiting(this.#asking(), this.#config.limits.waitingFramesMax);
    this.#waiting.add(frame);
  }

  /** @throws SwarmError `too_large`. */
  #written(frame: SocketFrame): readonly Message[] {
    const messages = this.#dialect.send(frame);
    const { socketFrameBytesMax: max } = this.#config.limits;
    if (messages.every((message) => fitsBytes(message, max))) return messages;
    throw protocolError('too_large', 'no', `socketFrameBytesMax: over ${max} bytes`);
  }

  #transmit(frame: SocketFrame): void {
    this.#send(this.#dialect.send(frame));
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) this.#host.transmit(message);
    if (this.#host.bufferedBytes > this.#config.limits.socketBacklogBytesMax) {
      this.#host.shut(1013, 'socketBacklogBytesMax: it does not read', false);
    }
  }

  #fail(id: ExchangeId | null, error: SwarmError): void {
    this.#transmit({ kind: 'error', id, error });
  }

  /** Whatever the outcome is, the other end gets one answer, even if it cannot be written. */
  #transmitAnswer(id: ExchangeId, outcome: Outcome): void {
    const frame: SocketFrame = outcome.ok
      ? { kind: 'response', id, body: outcome.body }
      : { kind: 'error', id, error: outcome.error };
    let messages: readonly Message[];
    try {
      messages = this.#written(frame);
    } catch (cause) {
      return this.#fail(id, unsendable(cause));
    }
    this.#send(messages);
  }
}
