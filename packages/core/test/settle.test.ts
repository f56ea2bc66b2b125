import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { swarmJson } from '../src/json-dialect.ts';
import type { OpenRequest } from '../src/machine/asked.ts';
import { Peer } from '../src/machine/peer.ts';
import { Router } from '../src/machine/router.ts';
import { encodeSwarmFrame, frameTo, type SwarmFrame } from '../src/swarm-frame.ts';
import {
  OTHER,
  ok,
  PeerRecorder,
  peerConfig,
  RouterRecorder,
  routerConfig,
  Settled,
} from './hosts.ts';
import { call, INBOX, THIRD, to } from './router-end.ts';

/** What may happen to requests; `which` says to which of them. */
const which = fc.nat(20);
const steps = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ask: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 3, arbitrary: fc.record({ answer: which }) },
  { weight: 2, arbitrary: fc.record({ fail: which }) },
  { weight: 1, arbitrary: fc.record({ answerWrongly: which }) },
  { weight: 2, arbitrary: fc.record({ cancel: which }) },
  { weight: 2, arbitrary: fc.record({ pass: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ serve: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ finish: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ turn: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ lose: fc.constant(true) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** A machine with its host, and everything that was ever asked of it. */
abstract class Subject {
  readonly settlers: Settled[] = [];
  protected readonly requests: OpenRequest[] = [];
  protected nowMs = 0;

  take(step: Step): void {
    if ('ask' in step) this.#ask(step.ask);
    else if ('pass' in step) this.pass(step.pass);
    else if ('cancel' in step) this.#with(step.cancel, (request) => this.cancel(request));
    else if ('answer' in step) this.#with(step.answer, ({ id }) => this.respond(id, true));
    else if ('fail' in step) this.#with(step.fail, ({ id }) => this.respond(id, false));
    else if ('answerWrongly' in step) this.respond(step.answerWrongly + 1_000, true);
    else this.other(step);
  }

  abstract close(): void;
  /** What it and its wheel still hold. */
  abstract get left(): readonly number[];
  protected abstract open(settler: Settled, deadlineMs: number): OpenRequest;
  protected abstract cancel(request: OpenRequest): void;
  protected abstract respond(id: number, isOk: boolean): void;
  protected abstract pass(ms: number): void;
  protected abstract other(step: Step): void;

  #ask(timeoutMs: number): void {
    const settler = new Settled();
    try {
      this.requests.push(this.open(settler, this.nowMs + timeoutMs));
      this.settlers.push(settler);
    } catch {
      // Refused: then it must never be told.
      expect(settler.outcomes).toEqual([]);
    }
  }

  #with(index: number, act: (request: OpenRequest) => void): void {
    const request = this.requests[index];
    if (request !== undefined) act(request);
  }
}

class PeerSubject extends Subject {
  readonly #host = new PeerRecorder();
  readonly #config = peerConfig({ openRequestsMax: 8 });
  readonly #peer = new Peer(this.#host, this.#host, swarmJson, this.#config);

  close(): void {
    this.#peer.lost('closed');
  }

  get left(): readonly number[] {
    return [this.#peer.size, this.#config.wheel.size];
  }

  protected open(settler: Settled, deadlineMs: number): OpenRequest {
    return this.#peer.request(call(settler, deadlineMs), this.nowMs);
  }

  protected cancel(request: OpenRequest): void {
    this.#peer.cancel(request);
  }

  protected respond(id: number, isOk: boolean): void {
    const correlationId = id % 2 === 0 ? id : String(id);
    const error = { type: 'error', errorType: 'endpoint' };
    this.#receive({ ...(isOk ? { type: 'response' } : error), correlationId });
  }

  protected pass(ms: number): void {
    this.nowMs += ms;
    this.#config.wheel.advance(this.nowMs);
  }

  protected other(step: Step): void {
    if ('serve' in step) {
      this.#receive({ type: 'request', correlationId: step.serve, name: 'x', ttlMs: 200 });
    } else if ('finish' in step) {
      this.#host.served[step.finish]?.request.answer(ok(Body.of(null)));
    } else if ('turn' in step) this.#receive({ type: 'init' });
    else if ('lose' in step) this.#peer.lost('lost');
  }

  #receive(message: object): void {
    this.#peer.receive(JSON.stringify(message), this.nowMs);
  }
}

class RouterSubject extends Subject {
  readonly #host = new RouterRecorder();
  readonly #config = routerConfig({ routedRequestsMax: 8 });
  readonly #router = new Router<string>(this.#host, this.#config);
  #epoch = 1;

  constructor() {
    super();
    this.#router.opened(this.#epoch);
    this.#router.ready(this.#epoch);
    this.#router.add('here', 'node');
  }

  close(): void {
    this.#router.lost(this.#epoch);
    // What stays in the process needs no link: it is answered, or its time is over.
    this.pass(1_000);
    this.#router.flush(this.nowMs);
    this.pass(1_000);
    this.#router.flush(this.nowMs);
  }

  get left(): readonly number[] {
    return [this.#router.size, this.#config.wheel.size];
  }

  protected open(settler: Settled, deadlineMs: number): OpenRequest {
    const id = this.requests.length % 2 === 0 ? 'far' : 'here';
    return this.#router.request(to(id), call(settler, deadlineMs), this.nowMs);
  }

  protected cancel(request: OpenRequest): void {
    this.#router.cancel(request);
  }

  protected respond(id: number, isOk: boolean): void {
    const body = isOk ? Body.of(null) : Body.of({ errorType: 'endpoint' });
    const kind = isOk ? 'response' : 'error';
    this.#receive({ ...frameTo(kind, OTHER, ''), target: 'process', id, node: 'far', body });
  }

  protected pass(ms: number): void {
    this.nowMs += ms;
    this.#config.wheel.advance(this.nowMs);
  }

  protected other(step: Step): void {
    if ('serve' in step) {
      const process = step.serve % 2 === 0 ? OTHER : THIRD;
      const frame = frameTo('request', process, 'here');
      this.#receive({ ...frame, id: step.serve, ttlMs: 200, name: 'x' });
    } else if ('finish' in step) {
      this.#host.served[step.finish]?.request.answer(ok(Body.of(null)));
      this.#router.undeliverable(step.finish, this.nowMs);
    } else if ('turn' in step) this.#router.flush(this.nowMs);
    else if ('lose' in step) {
      this.#router.lost(this.#epoch);
      this.#epoch += 1;
      this.#router.opened(this.#epoch);
      this.#router.ready(this.#epoch);
    }
  }

  #receive(frame: SwarmFrame): void {
    this.#router.receive(INBOX, encodeSwarmFrame(frame), this.nowMs);
  }
}

const subjects = [
  ['Peer', () => new PeerSubject()],
  ['Router', () => new RouterSubject()],
] as const;

describe.each(subjects)('%s', (_name, create) => {
  it('settles every request exactly once, whatever comes, and keeps nothing', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (list) => {
        const subject = create();

        for (const step of list) subject.take(step);
        subject.close();

        expect(subject.settlers.map(({ outcomes }) => outcomes.length)).toEqual(
          subject.settlers.map(() => 1),
        );
        expect(subject.left).toEqual([0, 0]);
      }),
      { numRuns: 1_000 },
    );
  });
});
