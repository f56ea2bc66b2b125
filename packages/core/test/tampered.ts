import { type Capabilities, type Link, type LinkHost, memory, type Swarm } from '../src/index.ts';
import type { FakeRuntime } from './runtime.ts';

let swarms = 0;

/** A memory swarm that notes what is asked of it, and fails on demand. */
export class TamperedSwarm implements Swarm {
  readonly name: string = 'tampered';
  readonly capabilities: Capabilities;
  readonly log: string[] = [];
  onConnect: () => Promise<void> = async () => {};
  /** Before a link hears claims of many ids, which it does once and first of all. */
  onClaims: () => Promise<void> = async () => {};
  onSubscribe: () => Promise<void> = async () => {};
  onUnsubscribe: () => Promise<void> = async () => {};
  onClose: () => Promise<void> = async () => {};
  /** Of the links from now on. */
  isGradual = false;
  /** What of that which is published is lost, so that nobody is told. */
  swallows: (subject: string, payload: Uint8Array) => boolean = () => false;
  /** Calls that have begun since {@link hold}, and end when told. */
  readonly held: { done(): void; fail(error: unknown): void }[] = [];
  /** Of all links that were ever asked for. */
  readonly hosts: LinkHost[] = [];
  /** Links that were made, and those that have been closed since. */
  made = 0;
  closed = 0;
  readonly #inner: Swarm;
  #links: { readonly host: LinkHost; readonly link: Link }[] = [];

  /** A swarm of its own, unless others use the same URL. */
  constructor(runtime: FakeRuntime, capabilities: Partial<Capabilities> = {}, url?: string) {
    swarms += 1;
    this.#inner = memory(url ?? `memory:tampered-${swarms}`, runtime);
    this.capabilities = { ...this.#inner.capabilities, ...capabilities };
  }

  async connect(host: LinkHost): Promise<Link> {
    this.hosts.push(host);
    const claims = `${host.inbox.split('.p.')[0]}.c`;
    await this.onConnect();
    const link = await this.#inner.connect(host);
    this.#links.push({ host, link });
    this.made += 1;
    return {
      isGradual: this.isGradual,
      subscribe: async (subjects) => {
        if (subjects.includes(claims)) await this.onClaims();
        else {
          this.log.push(`subscribe ${subjects}`);
          await this.onSubscribe();
        }
        await link.subscribe(subjects);
      },
      unsubscribe: async (subjects) => {
        this.log.push(`unsubscribe ${subjects}`);
        await this.onUnsubscribe();
        await link.unsubscribe(subjects);
      },
      publish: (subject, payload, token) => {
        if (!this.swallows(subject, payload)) link.publish(subject, payload, token);
      },
      close: async () => {
        this.closed += 1;
        await link.close();
        await this.onClose();
      },
    };
  }

  /** From now on no subscribing and unsubscribing ends by itself. */
  hold(): void {
    const call = () => new Promise<void>((done, fail) => this.held.push({ done, fail }));
    this.onSubscribe = call;
    this.onUnsubscribe = call;
  }

  /** From now on it does again, and so does what was held. */
  release(): void {
    this.onSubscribe = async () => {};
    this.onUnsubscribe = async () => {};
    for (const call of this.held.splice(0)) call.done();
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
