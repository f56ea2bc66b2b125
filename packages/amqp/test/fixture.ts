import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type Broker, type BrokerOptions, startBroker } from '@swarm/conformance/brokers';
import { LIMITS, type Link, type LinkHost, type Swarm, SwarmError } from '@swarm/core';
import { afterEach, expect, inject } from 'vitest';
import { type AmqpOptions, amqp } from '../src/index.ts';

const stops: (() => unknown)[] = [];

afterEach(async () => {
  // The last first: links go before their broker.
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Run `stop` when the present test is over. */
export function stopAfter(stop: () => unknown): void {
  stops.push(stop);
}

/** The RabbitMQ that all share, who leave it as it is. */
export const shared: Pick<Broker, 'url' | 'port' | 'pid'> = inject('rabbitmq') ?? {
  ...{ url: '', port: 0, pid: 0 },
};

/** A RabbitMQ of the present test's own. */
export async function startRabbitmq(options: BrokerOptions = {}): Promise<Broker> {
  const broker = await startBroker('rabbitmq', options);
  stopAfter(() => broker.stop());
  return broker;
}

export interface Heard {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** A namespace that nobody else uses. */
export function newNamespace(): string {
  return `t${randomBytes(6).toString('hex')}`;
}

/** A host that writes down what it is told. */
export class Host implements LinkHost {
  readonly inbox: string;
  readonly frameBytesMax: number;
  readonly heard: Heard[] = [];
  readonly verdicts: number[] = [];
  readonly pressures: boolean[] = [];
  readonly losses: unknown[] = [];
  /** What else to do with a message. */
  onHeard: (heard: Heard) => void = () => {};
  readonly #checks: Set<() => void> = new Set();

  constructor(namespace = 'swarm', frameBytesMax: number = LIMITS.swarmFrameBytesMax) {
    this.inbox = `${namespace}.p.${randomBytes(8).toString('hex')}`;
    this.frameBytesMax = frameBytesMax;
  }

  /** What was heard, as texts. */
  get texts(): string[] {
    return this.heard.map(({ subject, payload }) => `${subject}: ${Buffer.from(payload)}`);
  }

  deliver(subject: string, payload: Uint8Array): void {
    this.heard.push({ subject, payload });
    this.onHeard({ subject, payload });
    this.#told();
  }

  undeliverable(token: number): void {
    this.verdicts.push(token);
    this.#told();
  }

  pressure(on: boolean): void {
    this.pressures.push(on);
    this.#told();
  }

  healed(): void {
    this.#told();
  }

  lost(cause: unknown): void {
    this.losses.push(cause);
    this.#told();
  }

  /** Resolves once it is so; looked at whenever the host is told something. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (!isSo()) return;
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
    });
  }

  hears(count: number): Promise<void> {
    return this.until(() => this.heard.length >= count);
  }

  isLost(): Promise<void> {
    return this.until(() => this.losses.length > 0);
  }

  #told(): void {
    for (const check of [...this.#checks]) check();
  }
}

export interface Linked {
  readonly host: Host;
  readonly link: Link;
}

/** A link with a host of its own, closed with the present test. */
export async function open(swarm: Swarm, host: Host = new Host()): Promise<Linked> {
  const link = await swarm.connect(host);
  stopAfter(() => link.close());
  return { host, link };
}

/** What the promise rejects with, which has to be a `SwarmError`. */
export async function failure(promise: Promise<unknown>): Promise<SwarmError> {
  const error = await promise.then(
    () => expect.fail('it resolves'),
    (reason: unknown) => reason,
  );
  expect(SwarmError.is(error), inspect(error)).toBe(true);
  return error as SwarmError;
}

/** Why a swarm cannot be connected: always an operating failure. */
export async function refusal(url: string, options: AmqpOptions = {}): Promise<SwarmError> {
  const error = await failure(amqp(url, options).connect(new Host()));
  expect(error).toMatchObject({ type: 'protocol', delivered: 'no' });
  return error;
}

/** However somebody may print it. */
export function printed(error: unknown): string {
  return [String(error), inspect(error, { depth: 10, showHidden: true })].join('\n');
}

/** What a program would be ended by while `act` is done. */
export async function uncaughtDuring(act: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const note = (reason: unknown) => reasons.push(reason);
  // Vitest's own listeners would report what is looked for here.
  const rejected = process.listeners('unhandledRejection');
  const thrown = process.listeners('uncaughtException');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  process.removeAllListeners('uncaughtException').on('uncaughtException', note);
  try {
    await act();
    await new Promise((resolve) => setImmediate(resolve));
    return reasons;
  } finally {
    process.removeAllListeners('unhandledRejection').removeAllListeners('uncaughtException');
    for (const listener of rejected) process.on('unhandledRejection', listener);
    for (const listener of thrown) process.on('uncaughtException', listener);
  }
}
