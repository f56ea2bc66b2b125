import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type Broker, type BrokerOptions, startBroker } from '@swarm/conformance/brokers';
import { LIMITS, type Link, type LinkHost, type Swarm, SwarmError } from '@swarm/core';
import { Redis } from 'ioredis';
import { afterEach, expect } from 'vitest';
import { redis } from '../src/index.ts';

const stops: (() => unknown)[] = [];

afterEach(async () => {
  // The last first: links go before their broker.
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Run `stop` when the present test is over. */
export function stopAfter(stop: () => unknown): void {
  stops.push(stop);
}

/** A Redis of the present test's own. */
export async function startRedis(options: BrokerOptions = {}): Promise<Broker> {
  const broker = await startBroker('redis', options);
  stopAfter(() => broker.stop());
  return broker;
}

/** A plain client, to look at a Redis from outside. */
export function admin({ port }: { readonly port: number }): Redis {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: null });
  // Its Redis may be killed.
  client.on('error', () => {});
  stopAfter(() => client.disconnect());
  return client;
}

export interface Heard {
  readonly subject: string;
  readonly payload: Uint8Array;
}

interface HostOptions {
  readonly namespace?: string;
  readonly inbox?: string;
  readonly frameBytesMax?: number;
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

  constructor({
    namespace = 'swarm',
    inbox = `${namespace}.p.${randomBytes(8).toString('hex')}`,
    frameBytesMax = LIMITS.swarmFrameBytesMax,
  }: HostOptions = {}) {
    this.inbox = inbox;
    this.frameBytesMax = frameBytesMax;
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

/** Resolves when each of these links has heard something from each. */
export async function meet(links: readonly Linked[]): Promise<void> {
  const text = randomBytes(8).toString('hex');
  for (const { link } of links) {
    for (const { host } of links) link.publish(host.inbox, Buffer.from(text), 0);
  }
  const isIt = ({ payload }: Heard) => Buffer.from(payload).toString() === text;
  const all = links.map(({ host }) => {
    return host.until(() => host.heard.filter(isIt).length === links.length);
  });
  await Promise.all(all);
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

/** Why a swarm cannot be connected: always an operating failure of the same kind. */
export async function refusal(url: string, ...rest: OptionsOf<typeof redis>): Promise<SwarmError> {
  const error = await failure(redis(url, ...rest).connect(new Host()));
  expect(error).toMatchObject({ type: 'protocol', subtype: 'closed', delivered: 'no' });
  return error;
}

type OptionsOf<F> = F extends (url: string, ...rest: infer Rest) => unknown ? Rest : never;

/** However somebody may print it. */
export function printed(error: unknown): string {
  return [String(error), inspect(error, { depth: 10, showHidden: true })].join('\n');
}

/** What a program would be ended by: rejections that nobody handles while `act` is done. */
export async function unhandledDuring(act: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  // Vitest's own listeners would report what is looked for here.
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => reasons.push(reason));
  try {
    await act();
    await new Promise((resolve) => setImmediate(resolve));
    return reasons;
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}
