import type { Coverage } from './coverage.ts';
import { BY_MESSAGE, type Fault, type FaultKind, numberOfFault } from './faults.ts';
import type { Random } from './random.ts';
import { eachFrame, kindAt } from './wire.ts';

/** How long a fault that is over still counts as one that frames of its process meet, in ms. */
const AFTERMATH_MS = 1_000;

/** What is wrong at present, as those who carry messages and run handlers ask for it. */
export class Conditions {
  readonly coverage: Coverage;
  #active: Fault[] = [];
  #byMessage: Fault[] = [];
  /** Faults of the present and the immediate past, for the coverage. */
  #felt: { readonly number: number; readonly process: number }[] = [];
  /** Most that a message is held up, in ms. */
  spikeMs = 0;
  /** Factor of the time handlers take. */
  slowness = 1;

  constructor(coverage: Coverage) {
    this.coverage = coverage;
  }

  get isCalm(): boolean {
    return this.#active.length === 0;
  }

  begin(fault: Fault): void {
    this.#active.push(fault);
    this.#refresh();
    if (BY_MESSAGE.has(fault.kind)) return;
    this.#felt.push({ number: numberOfFault(fault.kind), process: fault.process });
  }

  end(fault: Fault): void {
    this.#active = this.#active.filter((other) => other !== fault);
    this.#refresh();
  }

  /** The aftermath of a fault is over. */
  forget(fault: Fault): void {
    const number = numberOfFault(fault.kind);
    const at = this.#felt.findIndex((felt) => {
      return felt.number === number && felt.process === fault.process;
    });
    if (at !== -1) this.#felt.splice(at, 1);
  }

  static get aftermathMs(): number {
    return AFTERMATH_MS;
  }

  /** Whether a message is hit by a fault of single messages. */
  hits(kind: FaultKind, payload: Uint8Array, random: Random): boolean {
    for (const fault of this.#byMessage) {
      if (fault.kind !== kind || !random.chance(fault.rate)) continue;
      if (fault.only !== null && !hasKind(payload, fault.only)) continue;
      if (kind !== 'forged') this.coverage.swarm(payload, numberOfFault(kind));
      return true;
    }
    return false;
  }

  /** Whether what the process publishes does not reach the broker. */
  isMute(process: number): boolean {
    return this.#active.some((fault) => {
      const { kind } = fault;
      if (fault.process !== process) return false;
      return kind === 'partition' || (kind === 'one-way' && fault.rate < 0.5);
    });
  }

  /** Whether what the broker sends does not reach the process. */
  isDeaf(process: number): boolean {
    return this.#active.some((fault) => {
      const { kind } = fault;
      if (fault.process !== process) return false;
      return kind === 'partition' || (kind === 'one-way' && fault.rate >= 0.5);
    });
  }

  /** Whether the broker refuses subscriptions. */
  get refuses(): boolean {
    return this.#active.some(({ kind }) => kind === 'refusal');
  }

  isSplit(from: number, to: number): boolean {
    return this.#active.some(({ kind, process, other }) => {
      return kind === 'split' && process === from && other === to;
    });
  }

  /** A message left, or arrived at, the process. */
  swarmMessage(payload: Uint8Array, process: number): void {
    for (const felt of this.#felt) {
      if (felt.process === process || felt.process === -1) {
        this.coverage.swarm(payload, felt.number);
      }
    }
  }

  socketMessage(message: string | Uint8Array, process: number): void {
    for (const felt of this.#felt) {
      if (felt.process === process || felt.process === -1) {
        this.coverage.socket(message, felt.number);
      }
    }
  }

  forgedBySocket(message: string | Uint8Array): void {
    this.coverage.socket(message, numberOfFault('forged'));
  }

  #refresh(): void {
    const worst = (kind: FaultKind): number => {
      return this.#active.reduce((rate, fault) => {
        return fault.kind === kind ? Math.max(rate, fault.rate) : rate;
      }, 0);
    };
    this.#byMessage = this.#active.filter(({ kind }) => BY_MESSAGE.has(kind));
    this.spikeMs = worst('spike') * 400;
    this.slowness = 1 + worst('slow') * 20;
  }
}

function hasKind(payload: Uint8Array, kind: number): boolean {
  let isFound = false;
  eachFrame(payload, (start) => {
    isFound ||= kindAt(payload, start) === kind;
  });
  return isFound;
}
