import type { Conditions } from './conditions.ts';
import type { Call } from './facts.ts';
import { numberOfFault } from './faults.ts';
import type { Latency } from './lane.ts';
import type { Random } from './random.ts';
import { eachFrame, readFrame, SWARM_KINDS, type WireFrame, writeFrame } from './wire.ts';

/** A process that is nowhere, with the lowest of all ids: no claim of its own ever holds. */
const NOBODY = '2222222222222222';

/** A node that nobody has: what is forged on sockets gives clients another name. */
const NOWHERE = 'nowhere';

/** Correlation ids that nobody gets to. */
const FAR_ID = 1_000_000;

/** How many answer what one has asked. */
const ANSWERS = 2;

const FORGED = numberOfFault('forged');

const KIND = Object.fromEntries(SWARM_KINDS.map((kind, index) => [kind, index])) as {
  readonly [Kind in (typeof SWARM_KINDS)[number]]: number;
};

/** What a forger needs of the swarm. */
export interface ForgerPlace {
  readonly conditions: Conditions;
  readonly random: Random;
  readonly latency: Latency;
  /** The call that a message's request was made for. */
  callOf(payload: Uint8Array, start: number): Call | undefined;
  inject(subject: string, payload: Uint8Array, delayMs: number, isStillForged: () => boolean): void;
}

/**
 * Somebody else in the swarm, who sees everything and answers what he was not asked. He can claim
 * to be any process or any node; what he never gets right all at once is the process that was
 * asked, the node that was asked, and the correlation id, because then nobody could tell.
 */
export class Forger {
  readonly #place: ForgerPlace;
  /** Processes there are, by their ids. */
  readonly #processes: string[] = [];

  constructor(place: ForgerPlace) {
    this.#place = place;
  }

  meet(process: string): void {
    if (!this.#processes.includes(process)) this.#processes.push(process);
  }

  /** A message was published; add to it. */
  see(subject: string, payload: Uint8Array): void {
    const { conditions, random } = this.#place;
    if (!conditions.hits('forged', payload, random)) return;
    let request: WireFrame | null = null;
    eachFrame(payload, (start, end) => {
      request = readFrame(payload, start, end, request);
      if (request.kind !== KIND.request) return;
      const call = this.#place.callOf(payload, start);
      if (call === undefined) return;
      for (let i = 0; i < ANSWERS; i += 1) this.#answer(subject, request, call);
      this.#confuse(subject, request);
    });
  }

  /** To the asking process. */
  #answer(subject: string, request: WireFrame, call: Call): void {
    const { random } = this.#place;
    const asked = /\.p\.(\w+)$/.exec(subject)?.[1] ?? null;
    const others = [NOBODY, ...this.#processes].filter((process) => process !== asked);
    const blank = { ...request, target: 0, to: '', ttlMs: 0, name: '', meta: '', encoding: 0 };
    const answer = { ...blank, ...this.#content(call) };
    const isWrongNode = asked === null || random.chance(0.4);
    const forged = isWrongNode
      ? { ...answer, process: asked ?? random.pick(this.#processes), node: NOWHERE }
      : { ...answer, process: random.pick(others), node: request.to };
    const route = call.routes.at(-1);
    this.#send(`swarm.p.${request.process}`, forged, () => call.routes.at(-1) === route);
  }

  #content(call: Call): Pick<WireFrame, 'kind' | 'body'> {
    if (this.#place.random.chance(0.5)) {
      return { kind: KIND.response, body: Buffer.from(JSON.stringify([call.number, -1])) };
    }
    const error = { errorType: 'protocol', errorSubtype: 'unreachable', delivered: 'no' };
    const body = Buffer.from(JSON.stringify({ ...error, message: 'forged' }));
    return { kind: KIND.error, body };
  }

  /** To the process that was asked, and whoever else hears the subject. */
  #confuse(subject: string, request: WireFrame): void {
    const { random } = this.#place;
    const others = this.#processes.filter((process) => process !== request.process);
    const process = random.pick([NOBODY, ...others]);
    const body = Buffer.from('null');
    const bare = { ...request, process, node: '', ttlMs: 0, name: '', meta: '', body };
    const kind = random.pick([
      'cancel',
      'claim',
      'taken',
      'item',
      'not-here',
      'here',
      'ping',
    ] as const);
    const id = kind === 'cancel' || kind === 'not-here' || kind === 'here' ? request.id : FAR_ID;
    const isRank = kind === 'claim' || kind === 'taken';
    const forged: WireFrame = isRank
      ? { ...bare, kind: KIND[kind], process: NOBODY, id: 0 }
      : { ...bare, kind: KIND[kind], id };
    if (kind === 'ping') this.#send(subject, { ...forged, target: 0, to: '' });
    else this.#send(subject, forged);
    this.#garble(subject, request);
  }

  /** What no version of the protocol says, and what is cut off. */
  #garble(subject: string, request: WireFrame): void {
    const { random } = this.#place;
    const whole = writeFrame({ ...request, process: NOBODY, id: FAR_ID, name: 'x.9999999' });
    const bytes = random.pick([
      () => random.bytes(random.below(40)),
      () => whole.subarray(0, random.below(whole.length)),
      () => Uint8Array.from([0, 200, 1, ...whole.subarray(0, 60)]),
      () => Uint8Array.from([1, 99, ...whole.subarray(2)]),
      () => Uint8Array.from([0x71, ...whole.subarray(1)]),
      () => Uint8Array.from([1, 0, 2, ...whole.subarray(3)]),
      () => whole,
    ])();
    this.#place.inject(subject, bytes, random.between(0, 10), () => true);
  }

  #send(subject: string, frame: WireFrame, isStillForged: () => boolean = () => true): void {
    const { conditions, random, latency, inject } = this.#place;
    const payload = writeFrame(frame);
    conditions.coverage.swarm(payload, FORGED);
    const soonMs = random.pick([30, 4 * latency.maxMs]);
    inject(subject, payload, random.between(0, soonMs), isStillForged);
  }
}
