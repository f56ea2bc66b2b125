import { expect } from 'vitest';
import { type Client, type ClientOptions, createClient } from '../src/index.ts';
import { nth, toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';

/** A client that dials, and every socket it has dialed. */
export class Dialer {
  readonly runtime: FakeRuntime;
  readonly sockets: PairedSocket[] = [];
  readonly log: string[] = [];
  readonly client: Client;
  onDial: () => void = () => {};

  constructor(options: ClientOptions = {}, runtime: FakeRuntime = new FakeRuntime()) {
    this.runtime = runtime;
    this.client = createClient(() => this.#dial(), { runtime, ...options });
    const { events } = this.client;
    events.on('open', () => this.log.push('open'));
    events.on('close', ({ code }) => this.log.push(`close ${code}`));
    events.on('reconnecting', ({ attempt }) => this.log.push(`reconnecting ${attempt}`));
    events.on('failed', () => this.log.push('failed'));
  }

  /** The socket of the moment. */
  get socket(): PairedSocket {
    return nth(this.sockets, -1);
  }

  get sent(): unknown[] {
    return this.socket.sent.map(toValue);
  }

  open(): void {
    this.receive({ type: 'init' });
  }

  receive(message: object): void {
    this.socket.arrive(JSON.stringify(message));
  }

  /** Until another socket is dialed. */
  async redialed(): Promise<void> {
    const { runtime, sockets } = this;
    const count = sockets.length;
    while (sockets.length === count && runtime.nextTimerMs !== null) {
      await runtime.advance(runtime.nextTimerMs - runtime.nowMs());
    }
    expect(sockets).toHaveLength(count + 1);
  }

  #dial(): PairedSocket {
    const [near] = PairedSocket.pair();
    this.sockets.push(near);
    this.onDial();
    return near;
  }
}
