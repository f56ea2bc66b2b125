import { type FaultProxy, proxyTo } from '@swarm/conformance/brokers';
import type { Wire } from './wire.ts';

/** A proxy in front of each server of a broker, for one actor: they fail and pass together. */
export class Proxies implements Wire {
  readonly #proxies: readonly FaultProxy[];

  static async to(ports: readonly number[]): Promise<Proxies> {
    return new Proxies(await Promise.all(ports.map(proxyTo)));
  }

  private constructor(proxies: readonly FaultProxy[]) {
    this.#proxies = proxies;
  }

  /** In the order of the servers. */
  get ports(): readonly number[] {
    return this.#proxies.map(({ port }) => port);
  }

  dropToBroker(): void {
    for (const proxy of this.#proxies) proxy.dropToBroker();
  }

  dropToClient(): void {
    for (const proxy of this.#proxies) proxy.dropToClient();
  }

  cut(): void {
    for (const proxy of this.#proxies) proxy.cut();
  }

  refuse(): void {
    for (const proxy of this.#proxies) proxy.refuse();
  }

  delay(ms: number): void {
    for (const proxy of this.#proxies) proxy.delay(ms);
  }

  async pass(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.pass()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }
}
