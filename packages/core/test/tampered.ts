import { type Capabilities, type Link, type LinkHost, memory, type Swarm } from '../src/index.ts';
import type { FakeRuntime } from './runtime.ts';

let swarms = 0;

/** A memory swarm that notes what is asked of it, and fails on demand. */
export class TamperedSwarm implements Swarm {
  readonly name: string = 'tampered';
  readonly capabilities: Capabilities;
  readonly log: string[] = [];
  onConnect: () => Promise<void> = async () => {};
  onSubscribe: () => Promise<void> = async () => {};
  onUnsubscribe: () => Promise<void> = async () => {};
  onClose: () => Promise<void> = async () => {};
  readonly #inner: Swarm;
  #links: { readonly host: LinkHost; readonly link: Link }[] = [];

  constructor(runtime: FakeRuntime, capabilities: Partial<Capabilities> = {}) {
    swarms += 1;
    this.#inner = memory(`memory:tampered-${swarms}`, runtime);
    this.capabilities = { ...this.#inner.capabilities, ...capabilities };
  }

  async connect(host: LinkHost): Promise<Link> {
    await this.onConnect();
    const link = await this.#inner.connect(host);
    this.#links.push({ host, link });
    return {
      subscribe: async (subjects) => {
        this.log.push(`subscribe ${subjects}`);
        await this.onSubscribe();
        await link.subscribe(subjects);
      },
      unsubscribe: async (subjects) => {
        this.log.push(`unsubscribe ${subjects}`);
        await this.onUnsubscribe();
        await link.unsubscribe(subjects);
      },
      publish: (...args) => link.publish(...args),
      close: async () => {
        await link.close();
        await this.onClose();
      },
    };
  }

  /** The broker pushes back, or no longer does. */
  press(on: boolean): void {
    for (const { host } of this.#links) host.pressure(on);
  }

  /** Every link breaks. */
  async lose(): Promise<void> {
    const links = this.#links;
    this.#links = [];
    for (const { host, link } of links) {
      await link.close();
      host.lost(new Error('connection reset'));
    }
  }
}
