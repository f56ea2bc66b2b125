import { EventEmitter, once } from 'node:events';
import { connect as connect3 } from '@nats-io/transport-node';
import { type Broker, type BrokerOptions, startBroker } from '@swarm/conformance/brokers';
import type { Link, LinkHost, Swarm } from '@swarm/core';
import { connect as connect2 } from 'nats';
import { onTestFinished } from 'vitest';
import { nats } from '../src/index.ts';

/** Every way to a link, by what opens the connection. */
export const WAYS: readonly (readonly [name: string, swarmAt: (url: string) => Swarm])[] = [
  ['a URL', (url) => nats(url)],
  ['nats 2', (servers) => nats.over(() => connect2({ servers, reconnect: false }))],
  ['a connection of 3 that reconnects', (servers) => nats.over(() => connect3({ servers }))],
  ['a connection of 2 that reconnects', (servers) => nats.over(() => connect2({ servers }))],
];

/** The core's side of a link, which writes down what it is told. */
export class Host implements LinkHost {
  readonly inbox: string;
  readonly frameBytesMax: number;
  readonly heard: { readonly subject: string; readonly payload: Uint8Array }[] = [];
  readonly verdicts: number[] = [];
  readonly pressures: boolean[] = [];
  readonly losses: unknown[] = [];
  healings = 0;
  readonly #news: EventEmitter = new EventEmitter();

  constructor(inbox = 'swarm.p.test', frameBytesMax = 524_288) {
    this.inbox = inbox;
    this.frameBytesMax = frameBytesMax;
  }

  /** What was heard, as texts. */
  get texts(): string[] {
    return this.heard.map(({ subject, payload }) => `${subject}: ${Buffer.from(payload)}`);
  }

  deliver(subject: string, payload: Uint8Array): void {
    this.heard.push({ subject, payload });
    this.#news.emit('news');
  }

  undeliverable(token: number): void {
    this.verdicts.push(token);
    this.#news.emit('news');
  }

  pressure(on: boolean): void {
    this.pressures.push(on);
    this.#news.emit('news');
  }

  healed(): void {
    this.healings += 1;
    this.#news.emit('news');
  }

  lost(cause: unknown): void {
    this.losses.push(cause);
    this.#news.emit('news');
  }

  /** Resolves once it is so. */
  async until(isSo: (host: Host) => boolean): Promise<void> {
    while (!isSo(this)) await once(this.#news, 'news');
  }
}

/** A link that is closed with the test. */
export async function open(swarm: Swarm, host: Host = new Host()): Promise<Link> {
  const link = await swarm.connect(host);
  onTestFinished(() => link.close());
  return link;
}

/** A broker that ends with the test. */
export async function start(options?: BrokerOptions): Promise<Broker> {
  const broker = await startBroker('nats', options);
  onTestFinished(() => broker.stop());
  return broker;
}
